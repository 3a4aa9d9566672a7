extension [Detector] {
  /// Credentials of any provider that their form gives away.
  static let structured: [Detector] = [
    Detector(
      "private-key", "Private key", severity: .critical, anchors: ["PRIVATE KEY"],
      shape: .armouredKey,
      finds: [
        "RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK",
      ].map { Sample.armour($0) } + [
        Sample.armour("CERTIFICATE") + "\n" + Sample.armour("PRIVATE KEY"),
        Sample.armour(
          "OPENSSH PRIVATE KEY",
          body: "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz\n"
            + Sample.text(.base64, 64)),
        Sample.armour(
          "RSA PRIVATE KEY",
          body: "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,AB12\n\n" + Sample.text(.base64, 64)),
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n" + Sample.text(.base64, 70),
        Sample.armour("PRIVATE KEY", lineEnd: #"\n"#), Sample.armour("PRIVATE KEY", lineEnd: " "),
      ],
      ignores: [
        Sample.armour("PUBLIC KEY"), Sample.armour("CERTIFICATE"),
        Sample.armour("PGP PUBLIC KEY BLOCK"), Sample.armour("PRIVATE KEY", body: "..."),
        Sample.armour("PRIVATE KEY", body: "<your key>"),
        Sample.armour("PRIVATE KEY", body: String(repeating: "A", count: 64)),
        "the file starts with -----BEGIN PRIVATE KEY----- and then the key follows in base64",
      ]),
    Detector(
      "openssh-key-body", "OpenSSH private key without armour", severity: .critical,
      anchors: ["b3BlbnNzaC1rZXktdjE"],
      shape: .token(after: [.run(.padded, 40...4096)], check: .keyMaterial),
      finds: [
        "b3BlbnNzaC1rZXktdjE" + Sample.text(.base64, 51),
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz"
          + Sample.text(.base64, 64),
      ], ignores: ["b3BlbnNzaC1rZXktdjE"]),
    Detector(
      "pkcs8-key-body", "RSA private key without armour", severity: .critical,
      anchors: ["ADANBgkqhkiG9w0BAQEFAASC"],
      shape: .token(
        before: [.run(.base64, 1...16)], after: [.run(.padded, 30...4096)],
        check: .keyMaterial),
      finds: ["MIIEvQIB" + "ADANBgkqhkiG9w0BAQEFAASC" + Sample.text(.base64, 64)],
      ignores: ["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" + Sample.text(.base64, 64)]),
    Detector(
      "putty-key", "PuTTY private key", severity: .critical, anchors: ["Private-Lines:"],
      shape: .token(
        after: [
          .run(CharacterClass(" 0123456789"), 2...6), .run(CharacterClass("\r\n"), 1...2),
          .run(.padded, 40...80),
        ]),
      finds: ["Private-Lines: 1\n" + Sample.text(.base64, 64)], ignores: ["Private-Lines: 0"]),
    Detector(
      "json-web-token", "JSON Web Token", anchors: ["eyJ", "eyAi", "ewog"], shape: .jsonWebToken,
      finds: [Sample.jwt(), "Bearer " + Sample.jwt(), Sample.jwt(#"{ "alg": "RS256" }"#)],
      ignores: [
        Sample.jwt(#"{"typ":"cursor"}"#), "eyJ.eyJ.abc",
        Sample.jwt(payload: #"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#),
        Sample.jwt(payload: #"{"iss":"supabase","ref":"abcd","role":"anon"}"#),
      ]),
    Detector(
      "url-password", "Password in a URL", severity: .critical, anchors: ["://"],
      shape: .urlPassword,
      finds: [
        "postgres", "postgresql+psycopg2", "mysql", "mongodb+srv", "rediss", "amqps", "https",
      ].map { "\($0)://app:\(Sample.text(.alnum, 14))@db.internal:5432/main" } + [
        "redis://:\(Sample.text(.alnum, 14))@cache:6379/0"
      ],
      ignores: [
        "postgres://user:password@localhost/db", "https://user:${TOKEN}@host/",
        "https://bob:\(Sample.text(.alnum, 14))@example.com/", "http://host:8080/a@b",
        "https://host/path:with@signs", "ssh://git@host:22/repository",
      ]),
    Detector(
      "basic-authorization", "Authorization header with a password", severity: .critical,
      anchors: [.anyCase("basic ")],
      shape: .token(after: [.run(.padded, 12...400)], check: .basicCredentials),
      finds: ["Authorization: Basic " + Sample.base64("bob:" + Sample.text(.alnum, 14))],
      ignores: ["Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "basic understanding"]),
    Detector(
      "age-secret-key", "age secret key", severity: .critical, anchors: ["AGE-SECRET-KEY-1"],
      shape: .token(after: [.run(.upperBech32, 58)], check: .bech32),
      finds: [
        "AGE-SECRET-KEY-" + "1T9GT3622L4DENH9XRU9C3HX9GDVYKP06PRXM88T5UDST6CD4ATJQAR3Q9Y"
      ],
      ignores: ["AGE-SECRET-KEY-1" + Sample.text(.upperBech32, 58)]),
  ]
}
