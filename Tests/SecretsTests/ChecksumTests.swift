import Testing

@testable import Secrets

/// Against values made by other implementations of the same formats (random, never issued); each
/// in two parts, so that no source file holds a complete token.
@Suite struct ChecksumTests {
  private static let tokens: [(detector: String, token: String)] = [
    ("github-token", "ghp_" + "3EHieoP84fGIkDWrSir9VyK2hezU553KMrlV"),
    ("github-token", "ghp_" + "xwZJpCnF2QLRu37vH98ztOEMlQjist204QxP"),
    (
      "github-refresh-token",
      "ghr_" + "KWS2jsz0dj3XVmR2WpW5AxavkDxCLfqsC2pRVUJkJtnpvYeIIh6CaLlFrFEx0LPZnzjEfl1iHPBa"
    ),
    ("cloudflare-token", "cfk_" + "52mciMVlEFWoKL6Y4AjIaNBhmXA728ACZi3LYbyHd1198524"),
    ("grafana-token", "glsa_" + "CM6onTwLE2WeaeWs0FsfLTswdQ8885Ir_a147d129"),
    ("zuplo-key", "zpka_" + "5e6327718e4358fc527ac6883b75cb81_31fe2e8a"),
    ("deno-token", "ddp_" + "YpcnrsZLp2ezTTZ8YrRba4KNmRD1Tt2jEC3Y"),
    (
      "azure-storage-key",
      "ptA5KwtKcf3vlobLkZc/INMfKIw2BMu/gNhq8mZ/"
        + "3WW+CKlMIkcuRa3jtZktVSpp/WpId+h3cu0b+ASthR7eRg=="
    ),
    ("azure-service-key", "V64JFJjxDFiuxc6AXe5j" + "wnlCbDdz8nPzaAzCaGAw7po="),
    (
      "age-secret-key",
      "AGE-SECRET-KEY-" + "1FKY42AHYR6KTX3038Y34VQYSXV0WCRY4ZMWLV8E26DYZCFJ3HC9STWMD2Q"
    ),
  ]

  @Test(arguments: tokens.indices)
  func aRightChecksumIsFoundAndAWrongOneIsNot(index: Int) throws {
    let (id, token) = Self.tokens[index]
    let detector = try #require([Detector].builtIn.first { $0.id == id })
    let scanner = try SecretScanner(detectors: [detector])
    #expect(try scanner.scan(bytes: Array("x \(token).".utf8))?.ruleName == id)
    let core = token.reversed().drop { $0 == "=" }
    let last = try #require(core.first)
    let padding = String(repeating: "=", count: token.count - core.count)
    let replacement: Character = last == "4" ? "5" : "4"
    // The bits of a last digit before padding may be unused: the one before it never is.
    let changed =
      String(core.dropFirst(padding.isEmpty ? 1 : 2).reversed())
      + String(repeating: replacement, count: padding.isEmpty ? 1 : 2) + padding
    #expect(try scanner.scan(bytes: Array("x \(changed).".utf8)) == nil, "\(id)")
  }

  @Test func crc32IsTheOneOfIEEE() {
    #expect(Checksum.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
  }
}
