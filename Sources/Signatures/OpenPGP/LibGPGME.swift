import CGPGME
import Glibc

/// A context of libgpgme on one home folder. Its calls block and belong to one thread at a time.
/// All that is unsafe about the library is in this file.
// Unchecked: a context may go from thread to thread, and ``GPGContexts`` gives it to one at a time.
@safe final class GPGContext: @unchecked Sendable {
  private let context: gpgme_ctx_t
  let cancellation: GPGCancellation

  /// Once per process and before any other call (GPGME manual, "Library Version Check").
  private static let version: String? = {
    // A gpg that ends early must be an error of a write, not the end of the gateway.
    _ = signal(SIGPIPE, SIG_IGN)
    return unsafe gpgme_check_version("1.18.0").map { unsafe String(cString: $0) }
  }()

  init(home: String) throws(Rejection) {
    guard Self.version != nil else {
      throw Rejection(.unsupported, "libgpgme is older than 1.18")
    }
    guard gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP) == 0 else {
      throw Rejection(
        .unsupported, "the program gpg, which verifies OpenPGP signatures, was not found",
        hint: "install the package gpg")
    }
    var created: gpgme_ctx_t?
    guard unsafe gpgme_new(&created) == 0, let created = unsafe created else {
      throw Rejection(.unsupported, "libgpgme gives no context")
    }
    unsafe context = created
    cancellation = unsafe GPGCancellation(created)
    guard unsafe gpgme_set_protocol(created, GPGME_PROTOCOL_OpenPGP) == 0,
      unsafe gpgme_ctx_set_engine_info(created, GPGME_PROTOCOL_OpenPGP, nil, home) == 0
    else { throw Rejection(.unsupported, "libgpgme does not take its home folder") }
    unsafe gpgme_set_armor(created, 0)
    unsafe gpgme_set_textmode(created, 0)
    unsafe gpgme_set_offline(created, 1)
  }

  deinit {
    cancellation.end()
    unsafe gpgme_release(context)
  }

  // MARK: Import

  struct Import {
    var fingerprints: [String] = []
    var holdsSecretKeys = false
  }

  /// Adds keys to the home.
  func importKeys(_ bytes: [UInt8]) throws(Rejection) -> Import {
    let failure = try unsafe withData(bytes) { unsafe gpgme_op_import(context, $0) }
    var found = Import()
    guard failure == .none, let result = unsafe gpgme_op_import_result(context)?.pointee else {
      if failure == .cancelled { throw Rejection(.timeout, "GnuPG did not read the key in time") }
      return found
    }
    found.holdsSecretKeys = unsafe result.secret_read > 0
    var next = unsafe result.imports
    while let status = unsafe next?.pointee {
      if unsafe status.result == 0, let text = unsafe status.fpr {
        found.fingerprints.append(unsafe String(cString: text))
      }
      unsafe next = unsafe status.next
    }
    return found
  }

  // MARK: Keys

  /// All keys of the home by fingerprint, subkeys included.
  func keys() throws(Rejection) -> [String: GPGKey] {
    guard unsafe gpgme_op_keylist_start(context, nil, 0) == 0 else {
      throw Rejection(.keyUnusable, "GnuPG does not list the keys of the policy")
    }
    defer { _ = unsafe gpgme_op_keylist_end(context) }
    var keys: [String: GPGKey] = [:]
    while true {
      var key: gpgme_key_t?
      guard unsafe gpgme_op_keylist_next(context, &key) == 0, let key = unsafe key else {
        return keys
      }
      unsafe Self.add(key, to: &keys)
      unsafe gpgme_key_unref(key)
    }
  }

  private static func add(_ key: gpgme_key_t, to keys: inout [String: GPGKey]) {
    guard let primary = unsafe key.pointee.subkeys?.pointee.fpr else { return }
    let name = unsafe String(cString: primary)
    var next = unsafe key.pointee.subkeys
    while let subkey = unsafe next?.pointee {
      if let fingerprint = unsafe subkey.fpr {
        keys[unsafe String(cString: fingerprint)] = GPGKey(
          primaryFingerprint: name, algorithm: unsafe subkey.pubkey_algo.rawValue,
          bits: Int(unsafe subkey.length))
      }
      unsafe next = unsafe subkey.next
    }
  }

  // MARK: Verification

  func verify(_ blob: [UInt8]) throws(Rejection) -> GPGOutcome {
    var plain: gpgme_data_t?
    guard unsafe gpgme_data_new(&plain) == 0, let plain = unsafe plain else {
      throw Rejection(.unsupported, "libgpgme gives no memory")
    }
    let operation: GPGOutcome.Code
    do throws(Rejection) {
      operation = try unsafe withData(blob) { unsafe gpgme_op_verify(context, $0, nil, plain) }
    } catch {
      unsafe gpgme_data_release(plain)
      throw error
    }
    let signatures = signatures()
    return GPGOutcome(
      operation: operation, signatures: signatures, untrustedText: unsafe Self.take(plain))
  }

  private func signatures() -> [GPGOutcome.Signature] {
    var found: [GPGOutcome.Signature] = []
    var next = unsafe gpgme_op_verify_result(context)?.pointee.signatures
    while let signature = unsafe next?.pointee {
      found.append(
        GPGOutcome.Signature(
          status: unsafe Self.code(signature.status),
          fingerprint: unsafe signature.fpr.map { unsafe String(cString: $0) } ?? "an unknown key",
          hash: unsafe signature.hash_algo.rawValue,
          hasWrongKeyUsage: unsafe signature.wrong_key_usage != 0,
          isNeverValid: unsafe signature.validity == GPGME_VALIDITY_NEVER))
      unsafe next = unsafe signature.next
    }
    return found
  }

  /// The content of `data`, which is released.
  private static func take(_ data: gpgme_data_t) -> [UInt8] {
    var count = 0
    guard let memory = unsafe gpgme_data_release_and_get_mem(data, &count) else { return [] }
    defer { unsafe gpgme_free(memory) }
    return unsafe Array(UnsafeRawBufferPointer(start: memory, count: count))
  }

  private func withData(
    _ bytes: [UInt8], _ body: (gpgme_data_t) -> gpgme_error_t
  ) throws(Rejection) -> GPGOutcome.Code {
    var data: gpgme_data_t?
    let failure = unsafe bytes.withUnsafeBytes { buffer in
      unsafe gpgme_data_new_from_mem(
        &data, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, 1)
    }
    guard failure == 0, let data = unsafe data else {
      throw Rejection(.malformedSignature, "there is nothing to verify")
    }
    defer { unsafe gpgme_data_release(data) }
    return Self.code(unsafe body(data))
  }

  private static func code(_ error: gpgme_error_t) -> GPGOutcome.Code {
    GPGOutcome.Code(gpgme_err_code(error).rawValue)
  }
}
