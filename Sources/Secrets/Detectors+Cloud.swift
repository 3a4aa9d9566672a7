extension [Detector] {
  /// Cloud platforms, and their parts.
  static let cloud: [Detector] = [
    Detector(
      "aws-access-key-id", "AWS access key id", anchors: ["AKIA", "ASIA", "ABIA", "ACCA"],
      shape: .token(after: [.run(.base32, 16)]),
      finds: ["AKIA" + Sample.text(.base32, 16), #"{"k":"ASIA\#(Sample.text(.base32, 16))"}"#],
      ignores: ["AKIAIOSFODNN7EXAMPLE", "AKIA" + Sample.text(.base32, 20), "AKIA0189018901890189"]),
    Detector(
      "aws-secret-access-key", "AWS secret access key", severity: .critical,
      anchors: [
        .anyCase("aws_secret"), .anyCase("secret_access_key"), .anyCase("secretaccesskey"),
        .anyCase("secret-access-key"), .anyCase("aws-secret"), .anyCase("awssecret"),
        .anyCase("secret access key"), .anyCase("aws_key"),
      ],
      shape: .named(NamedValue(words: [], value: [.run(.base64, 40)], check: .mixedCase)),
      finds: [
        "AWS_SECRET_ACCESS_KEY=" + Sample.text(.base64, 40),
        #""SecretAccessKey": ""# + Sample.text(.base64, 40) + #"""#,
        "aws secret access key is " + Sample.text(.base64, 40),
      ],
      ignores: [
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
        "aws_secret_access_key moved in commit " + Sample.text(.lowerHex, 40),
      ]),
    Detector(
      "aws-bedrock-key", "AWS Bedrock API key", severity: .critical,
      anchors: ["ABSKQmVkcm9ja0FQSUtleS"],
      shape: .token(after: [.run(.padded, 60...200)]),
      finds: ["ABSK" + Sample.base64("BedrockAPIKey-ab12-at-1234:" + Sample.text(.base64, 60))],
      ignores: ["ABSKQmVkcm9ja0FQSUtleS"]),
    Detector(
      "gcp-api-key", "Google API key", anchors: ["AIza"],
      shape: .token(after: [.run(.base64url, 35)]),
      finds: ["AIza" + Sample.text(.base64url, 35)],
      ignores: ["AIza" + Sample.text(.base64url, 20), "AIzaYOUR_API_KEY_HERE_aaaaaaaaaaaaaaaaa"]),
    Detector(
      "gcp-oauth-client-secret", "Google OAuth client secret", anchors: ["GOCSPX-"],
      shape: .token(after: [.run(.base64url, 28)]),
      finds: ["GOCSPX-" + Sample.text(.base64url, 28)], ignores: ["GOCSPX-your-client-secret"]),
    Detector(
      "gcp-access-token", "Google OAuth access token", anchors: ["ya29."],
      shape: .token(after: [.run(.dotted, 60...1024)]),
      finds: ["ya29." + Sample.text(.base64url, 120)], ignores: ["ya29.example-token"]),
    Detector(
      "gcp-service-account", "Google service account key", severity: .critical,
      anchors: ["private_key_id"],
      shape: .named(NamedValue(words: [], value: [.run(.lowerHex, 40)])),
      finds: [#"{"type": "service_account", "private_key_id": "\#(Sample.text(.lowerHex, 40))"}"#],
      ignores: [#"{"private_key_id": "abc"}"#]),
    Detector(
      "azure-storage-key", "Azure storage account key", severity: .critical,
      anchors: ["+ASt", "ACDb", "+ABa"],
      shape: .token(
        before: [.run(.base64, 76)], after: [.run(.base64, 6), .text("==")],
        check: .marvin32(seeds: ["Default0", "MastRW00", "MastRO00", "AbAcct00"])),
      finds: [
        "AccountKey=" + Sample.azure("+ASt", at: 76, bytes: 64, seed: "Default0"),
        Sample.azure("ACDb", at: 76, bytes: 64, seed: "MastRW00"),
      ],
      ignores: [Sample.text(.base64, 76) + "+ASt" + Sample.text(.base64, 6) + "=="]),
    Detector(
      "azure-service-key", "Azure Redis, Service Bus or Event Hubs key", severity: .critical,
      anchors: ["AzCa", "+ASb", "+AEh", "+ARm"],
      shape: .token(
        before: [.run(.base64, 33)], after: [.run(.base64, 6), .text("=")],
        check: .marvin32(seeds: ["Access00", "Send0000", "Manage00", "Listen00"])),
      finds: [Sample.azure("AzCa", at: 33, bytes: 32, seed: "Access00")],
      ignores: [Sample.text(.base64, 33) + "AzCa" + Sample.text(.base64, 6) + "="]),
    Detector(
      "azure-client-secret", "Azure AD client secret", severity: .critical,
      anchors: (0...9).map { Detector.Anchor("\($0)Q~") },
      shape: .token(
        before: [.run(CharacterClass.tilde, 3)],
        after: [.run(CharacterClass.tilde, 34)]),
      finds: [Sample.text(.alnum, 3) + "8Q~" + Sample.text(.alnum, 34)], ignores: ["8Q~ is short"]),
    Detector(
      "alibaba-access-key", "Alibaba Cloud access key id", severity: .medium, anchors: ["LTAI"],
      shape: .token(after: [.run(.alnum, 16...21)]),
      finds: ["LTAI" + Sample.text(.alnum, 20)], ignores: ["LTAIxxxxxxxxxxxxxxxxxxxx"]),
    Detector(
      "alibaba-secret", "Alibaba Cloud access key secret", severity: .critical,
      anchors: [.anyCase("alibaba"), .anyCase("aliyun")],
      shape: .named(NamedValue(value: [.run(.alnum, 30)], check: .mixedCase)),
      finds: ["ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + Sample.text(.alnum, 30)],
      ignores: ["alibaba token " + Sample.text(.alnum, 12)]),
    Detector(
      "digitalocean-token", "DigitalOcean token", severity: .critical,
      anchors: ["dop_v1_", "doo_v1_", "dor_v1_"], shape: .token(after: [.run(.lowerHex, 64)]),
      finds: ["dop_v1_" + Sample.text(.lowerHex, 64)], ignores: ["dop_v1_token"]),
    Detector(
      "cloudflare-token", "Cloudflare API token", severity: .critical,
      anchors: ["cfk_", "cfut_", "cfat_"],
      shape: .token(after: [.run(.alnum, 40), .run(.lowerHex, 8)], check: .hexOfBody),
      finds: ["cfk_" + Sample.sealed(Sample.text(.alnum, 40)) { Checksum.hex($0) }],
      ignores: ["cfk_" + Sample.text(.alnum, 40) + "00000000"]),
    Detector(
      "heroku-api-key", "Heroku API key", anchors: ["HRKU-AA"],
      shape: .token(after: [.run(.base64url, 58)]),
      finds: ["HRKU-AA" + Sample.text(.base64url, 58)], ignores: ["HRKU-AAAA"]),
    Detector(
      "heroku-api-key-old", "Heroku API key (older form)", anchors: [.anyCase("heroku")],
      shape: .named(NamedValue(value: .uuid)),
      finds: ["HEROKU_API_KEY=" + Sample.uuid(), #""heroku_key": "\#(Sample.uuid())""#],
      ignores: ["heroku request " + Sample.uuid()]),
    Detector(
      "fastly-api-token", "Fastly API token", anchors: [.anyCase("fastly")],
      shape: .named(NamedValue(value: [.run(.base64url, 32)], check: .mixedCase)),
      finds: ["FASTLY_API_TOKEN=" + Sample.text(.base64url, 32)],
      ignores: ["fastly key " + Sample.text(.lowerHex, 40)]),
    Detector(
      "databricks-token", "Databricks token", severity: .critical, anchors: ["dapi"],
      shape: .token(after: [.run(.lowerHex, 32)]),
      finds: ["dapi" + Sample.text(.lowerHex, 32)], ignores: ["dapi documentation"]),
    Detector(
      "planetscale-token", "PlanetScale token or password", severity: .critical,
      anchors: ["pscale_tkn_", "pscale_pw_", "pscale_oauth_"],
      shape: .token(after: [.run(.dotted, 32...64)]),
      finds: ["pscale_pw_" + Sample.text(.base64url, 43)], ignores: ["pscale_pw_yours"]),
    Detector(
      "terraform-cloud-token", "Terraform Cloud token", severity: .critical, anchors: [".atlasv1."],
      shape: .token(before: [.run(.alnum, 14)], after: [.run(.base64url, 60...70)]),
      finds: [Sample.text(.alnum, 14) + ".atlasv1." + Sample.text(.base64url, 67)],
      ignores: ["my.atlasv1.token"]),
    Detector(
      "vault-token", "HashiCorp Vault token", severity: .critical, anchors: ["hvs.", "hvb."],
      shape: .token(after: [.run(.base64url, 90...300)]),
      finds: ["hvs." + Sample.text(.base64url, 95)], ignores: ["hvs.example"]),
    Detector(
      "pulumi-token", "Pulumi access token", anchors: ["pul-"],
      shape: .token(after: [.run(.lowerHex, 40)]),
      finds: ["pul-" + Sample.text(.lowerHex, 40)], ignores: ["pul-request"]),
    Detector(
      "doppler-token", "Doppler token", severity: .critical,
      anchors: ["dp.pt.", "dp.ct.", "dp.sa."],
      shape: .token(after: [.run(.alnum, 40...44)]),
      finds: ["dp.pt." + Sample.text(.alnum, 43)], ignores: ["dp.pt.token"]),
  ]
}

extension CharacterClass {
  /// Azure AD client secrets.
  static let tilde = CharacterClass(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_~.-")
}

extension [Piece] {
  static let uuid: [Piece] = [
    .run(.hex, 8), .text("-"), .run(.hex, 4), .text("-"), .run(.hex, 4), .text("-"), .run(.hex, 4),
    .text("-"), .run(.hex, 12),
  ]
}
