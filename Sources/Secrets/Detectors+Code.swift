extension [Detector] {
  /// Source hosting, package indexes, building and shipping.
  static let code: [Detector] = [
    Detector(
      "github-token", "GitHub token", severity: .critical,
      anchors: ["ghp_", "gho_", "ghu_", "ghs_"],
      shape: .token(after: [.run(.alnum, 36)], check: .base62OfBody),
      finds: [Sample.github("ghp_"), "TOKEN_" + Sample.github("gho_") + "x"],
      ignores: ["ghp_" + String(repeating: "x", count: 36), "ghp_" + Sample.text(.alnum, 36)]),
    Detector(
      "github-refresh-token", "GitHub refresh token", severity: .critical, anchors: ["ghr_"],
      shape: .token(after: [.run(.alnum, 76)], check: .base62OfBody),
      finds: [Sample.github("ghr_", 70)], ignores: ["ghr_" + Sample.text(.alnum, 76)]),
    Detector(
      "github-fine-grained-token", "GitHub fine-grained token", severity: .critical,
      anchors: ["github_pat_"],
      shape: .token(after: [.run(.alnum, 22), .text("_"), .run(.alnum, 59)]),
      finds: ["github_pat_" + Sample.text(.alnum, 22) + "_" + Sample.text(.alnum, 59)],
      ignores: ["github_pat_" + String(repeating: "X", count: 22) + "_" + Sample.text(.alnum, 59)]),
    Detector(
      "gitlab-token", "GitLab token", severity: .critical,
      anchors: ["glpat-", "gldt-", "glrt-", "glsoat-", "glffct-", "glft-", "glptt-", "glimt-"],
      shape: .token(after: [.run(.base64url, 20...300)]),
      finds: [
        "glpat-" + Sample.text(.base64url, 20),
        "glpat-" + Sample.text(.base64url, 42) + ".01." + Sample.text(.lowerAlnum, 9),
      ], ignores: ["glpat-your-token-goes-here"]),
    Detector(
      "bitbucket-app-password", "Bitbucket app password", anchors: ["ATBB"],
      shape: .token(after: [.run(.alnum, 32)]),
      finds: ["ATBB" + Sample.text(.alnum, 32)], ignores: ["ATBB" + Sample.text(.alnum, 12)]),
    Detector.named(
      "bitbucket-client-secret", "Bitbucket client secret", ["bitbucket"], .base64url, exactly: 64),
    Detector.prefixed(
      "atlassian-token", "Atlassian API token", severity: .critical, ["ATATT3xFfGF0"], .padded,
      between: 150...220),
    Detector.named(
      "atlassian-token-old", "Atlassian API token (older form)", ["atlassian", "jira"],
      .alnum, exactly: 24),
    Detector.prefixed(
      "npm-token", "npm access token", severity: .critical, ["npm_"], .alnum, exactly: 36),
    Detector(
      "pypi-token", "PyPI upload token", severity: .critical,
      anchors: ["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZ"],
      shape: .token(after: [.run(.base64url, 50...1000)]),
      finds: ["pypi-AgEIcHlwaS5vcmc" + Sample.text(.base64url, 130)],
      ignores: ["pypi-AgEIcHlwaS5vcmcCJ...", "pypi-AgEIcHlwaS5vcmc"]),
    Detector.prefixed("rubygems-token", "RubyGems API key", ["rubygems_"], .lowerHex, exactly: 48),
    Detector.prefixed(
      "clojars-token", "Clojars deploy token", ["CLOJARS_"], .lowerAlnum, exactly: 60),
    Detector.named(
      "packagist-token", "Private Packagist token", ["packagist"], .lowerHex, between: 64...80),
    Detector.prefixed(
      "packagist-token-new", "Private Packagist token",
      ["packagist_uut_", "packagist_out_", "packagist_ort_"], .lowerHex, exactly: 68),
    Detector.prefixed(
      "docker-token", "Docker Hub token", severity: .critical, ["dckr_pat_"], .base64url,
      exactly: 27),
    Detector.prefixed(
      "docker-organization-token", "Docker Hub organization token", severity: .critical,
      ["dckr_oat_"],
      .base64url, exactly: 32),
    Detector(
      "docker-config", "Registry password in a Docker configuration", severity: .critical,
      anchors: ["auths"],
      shape: .named(
        NamedValue(words: ["auth"], value: [.run(.padded, 12...400)], check: .basicCredentials)),
      finds: [
        #"{"auths": {"registry.local": {"auth": "\#(Sample.base64("bob:" + Sample.text(.alnum, 12)))"}}}"#
      ],
      ignores: [#"{"auths": {"registry.local": {}}}"#]),
    Detector(
      "deno-token", "Deno Deploy token", anchors: ["ddp_"],
      shape: .token(after: [.run(.alnum, 36)], check: .base62OfAll),
      finds: [Sample.sealed("ddp_" + Sample.text(.alnum, 30)) { Checksum.base62($0) }],
      ignores: ["ddp_" + Sample.text(.alnum, 36)]),
    Detector(
      "zuplo-key", "Zuplo API key", anchors: ["zpka_"],
      shape: .token(
        after: [.run(.lowerHex, 32), .text("_"), .run(.lowerHex, 8)], check: .hexOfMiddle),
      finds: [
        "zpka_" + Sample.text(.lowerHex, 32) + "_"
          + String(decoding: Checksum.hex(Sample.text(.lowerHex, 32).utf8), as: UTF8.self)
      ],
      ignores: ["zpka_" + Sample.text(.lowerHex, 32) + "_00000000"]),
    Detector(
      "grafana-token", "Grafana service account token", severity: .critical, anchors: ["glsa_"],
      shape: .token(
        after: [.run(.alnum, 32), .text("_"), .run(.lowerHex, 8)], check: .littleEndianHexOfAll),
      finds: [
        "glsa_" + Sample.text(.alnum, 32) + "_"
          + String(
            decoding: Checksum.littleEndianHex(("glsa_" + Sample.text(.alnum, 32)).utf8),
            as: UTF8.self)
      ],
      ignores: ["glsa_" + Sample.text(.alnum, 32) + "_00000000"]),
    Detector(
      "grafana-key-old", "Grafana API key (older form)", anchors: ["eyJrIjoi"],
      shape: .token(after: [.run(.padded, 60...400)]),
      finds: ["eyJrIjoi" + Sample.text(.base64, 80)], ignores: ["eyJrIjoi"]),
    Detector.prefixed(
      "grafana-cloud-token", "Grafana Cloud token", severity: .critical, ["glc_eyJ"], .padded,
      between: 40...400),
    Detector.prefixed(
      "new-relic-user-key", "New Relic user key", ["NRAK-"], .upperAlnum, exactly: 27),
    Detector.named(
      "new-relic-user-key-id", "New Relic user key (older form)", ["newrelic", "new_relic"],
      .upperAlnum, exactly: 64),
    Detector.prefixed(
      "new-relic-browser-key", "New Relic browser key", severity: .medium, ["NRJS-"], .lowerHex,
      exactly: 19),
    Detector.prefixed(
      "new-relic-insert-key", "New Relic insert key", ["NRII-"], .base64url, exactly: 32),
    Detector(
      "dynatrace-token", "Dynatrace token", severity: .critical,
      anchors: ["dt0c01.", "dt0s01.", "dt0s16."],
      shape: .token(after: [.run(.upperAlnum, 24), .text("."), .run(.upperAlnum, 64)]),
      finds: ["dt0c01." + Sample.text(.upperAlnum, 24) + "." + Sample.text(.upperAlnum, 64)],
      ignores: ["dt0c01.PUBLIC.PRIVATE"]),
    Detector(
      "postman-key", "Postman API key", anchors: ["PMAK-"],
      shape: .token(after: [.run(.lowerHex, 24), .text("-"), .run(.lowerHex, 34)]),
      finds: ["PMAK-" + Sample.text(.lowerHex, 24) + "-" + Sample.text(.lowerHex, 34)],
      ignores: ["PMAK-key"]),
    Detector.prefixed(
      "sentry-user-token", "Sentry user token", ["sntryu_"], .lowerHex, exactly: 64),
    Detector.prefixed(
      "sentry-organization-token", "Sentry organization token", ["sntrys_eyJ"],
      CharacterClass.sentry, between: 80...600),
    Detector.prefixed("linear-key", "Linear API key", ["lin_api_"], .alnum, exactly: 40),
    Detector.named(
      "linear-client-secret", "Linear client secret", ["linear"], .lowerHex, exactly: 32),
  ]
}

extension CharacterClass {
  static let sentry = CharacterClass.padded.union(.base64url)
}
