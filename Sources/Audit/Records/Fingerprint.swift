import Crypto

/// Digests as text: `sha256:` and 64 hexadecimal digits.
public enum Fingerprint {
  public static func sha256(_ bytes: ArraySlice<UInt8>) -> String {
    "sha256:" + Hex.text(SHA256.hash(data: bytes))
  }
}
