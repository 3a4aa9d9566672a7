import Foundation
import Testing
import Wire

@testable import Secrets

/// What must never be refused: a scanner that cries wolf gets switched off.
@Suite struct PrecisionTests {
  private static let scanner = try? SecretScanner()

  private static let harmless: [(name: String, text: String)] = [
    ("UUIDs", (1...20).map { Sample.uuid(seed: $0) }.joined(separator: " ")),
    (
      "a git log",
      (1...20).map { "commit " + Sample.text(.lowerHex, 40, seed: $0) }.joined(separator: "\n")
    ),
    ("digests", "sha256:" + Sample.text(.lowerHex, 64) + " md5 " + Sample.text(.lowerHex, 32)),
    ("an SRI hash", #"integrity="sha512-\#(Sample.text(.base64, 86))==""#),
    ("a lock file", "h1:" + Sample.text(.base64, 43) + "="),
    (
      "publishable Stripe keys",
      "pk_live_" + Sample.text(.alnum, 24) + " pk_test_" + Sample.text(.alnum, 99)
    ),
    (
      "a public Mapbox token",
      "pk.eyJ1" + Sample.text(.base64url, 80) + "." + Sample.text(.base64url, 22)
    ),
    ("the AWS documentation", "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY"),
    (
      "an AWS configuration without values",
      "aws_access_key_id =\naws_secret_access_key = ${SECRET}\n"
    ),
    (
      "a public SSH key",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + Sample.text(.base64, 43) + " me@host"
    ),
    ("a certificate", Sample.armour("CERTIFICATE")),
    ("page cursors", #"{"nextCursor":"eyJ\#(Sample.text(.base64url, 60))"}"#),
    (
      "object ids",
      "pi_" + Sample.text(.alnum, 24) + " cus_" + Sample.text(.alnum, 14) + " chatcmpl-"
        + Sample.text(.alnum, 29)
    ),
    ("URLs", "https://host:8443/a:b@c?d=e@f http://[::1]:80/ git+ssh://git@host/x.git ws://host"),
    (
      "URL templates",
      "postgres://user:${PASSWORD}@db/x mysql://root:<password>@db redis://:{{pw}}@cache"
    ),
    ("vendor names", "discord id 123456789012345678, heroku release v12, twitter handle @someone"),
    (
      "placeholders",
      "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx sk-ant-api03-your-key-here xoxb-your-token"
    ),
    ("a license number", "Basic 12345 and basic understanding of bearer tokens"),
    ("paths", "/usr/lib/python3/dist-packages/key-1234/pubkey-abc/pat-tern/sl.Basic"),
    (
      "lorem ipsum",
      "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore"
    ),
  ]

  @Test(arguments: harmless.indices)
  func harmlessTextPasses(index: Int) throws {
    let (name, text) = Self.harmless[index]
    let message = JSONText(object: [("text", JSONText(string: text))])
    let finding = try #require(Self.scanner).firstFinding(in: message)
    #expect(finding == nil, "\(name)")
    let encoded = JSONText(string: Data(text.utf8).base64EncodedString())
    #expect(try #require(Self.scanner).firstFinding(in: encoded) == nil, "\(name) in base64")
  }

  /// Random bytes stand for images and archives: they show a detector whose pattern is too loose.
  @Test(arguments: 1...2)
  func binaryDataInBase64Passes(seed: UInt64) throws {
    let image = "iVBORw0KGgo" + Sample.text(.base64, 250_000, seed: seed)
    let message = JSONText(object: [
      ("type", JSONText(string: "image")), ("data", JSONText(string: image)),
    ])
    #expect(try #require(Self.scanner).firstFinding(in: message) == nil)
  }
}
