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
  ]
}
