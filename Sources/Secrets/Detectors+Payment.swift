extension [Detector] {
  /// Payment, commerce and finance. Publishable keys, `pk_live_` and the like, are public.
  static let payment: [Detector] = [
    Detector(
      "stripe-secret-key", "Stripe secret or restricted key", severity: .critical,
      anchors: ["sk_live_", "sk_test_", "rk_live_", "rk_test_"],
      shape: .token(after: [.run(.alnum, 16...247)]),
      finds: ["sk_live_" + Sample.text(.alnum, 24), "rk_test_" + Sample.text(.alnum, 99)],
      ignores: [
        "pk_live_" + Sample.text(.alnum, 24), "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc",
        "sk_test_" + "BQokikJOvBiI2HlWgH4olfQ2",
      ]),
    Detector.prefixed(
      "stripe-webhook-secret", "Stripe webhook secret", ["whsec_"], .padded, between: 32...64),
    Detector.prefixed(
      "shopify-token", "Shopify token", severity: .critical,
      ["shpat_", "shpca_", "shppa_", "shpss_"], .hex,
      exactly: 32),
    Detector(
      "square-token", "Square token", severity: .critical, anchors: ["sq0atp-", "sq0csp-"],
      shape: .token(after: [.run(.base64url, 22...60)]),
      finds: ["sq0csp-" + Sample.text(.base64url, 43)], ignores: ["sq0csp-secret"]),
    Detector.prefixed(
      "duffel-token", "Duffel token", ["duffel_live_", "duffel_test_"], .base64url, exactly: 43),
    Detector.prefixed("easypost-token", "EasyPost API key", ["EZAK", "EZTK"], .alnum, exactly: 54),
    Detector(
      "flutterwave-key", "Flutterwave secret key", severity: .critical,
      anchors: ["FLWSECK-", "FLWSECK_TEST-"],
      shape: .token(after: [.run(.alnum, 32), .text("-X")]),
      finds: ["FLWSECK_TEST-" + Sample.text(.lowerHex, 32) + "-X"],
      ignores: ["FLWPUBK_TEST-" + Sample.text(.lowerHex, 32) + "-X"]),
    Detector.prefixed(
      "flutterwave-encryption-key", "Flutterwave encryption key", ["FLWSECK_TEST"], .alnum,
      exactly: 12),
    Detector.named("finicity-secret", "Finicity client secret", ["finicity"], .alnum, exactly: 20),
    Detector.named("finicity-token", "Finicity API token", ["finicity"], .lowerHex, exactly: 32),
    Detector.named(
      "gocardless-token", "GoCardless API token", ["gocardless"], .base64url, between: 40...48),
    Detector.named("lob-key", "Lob API key", ["lob_api"], .lowerHex, exactly: 35),
    Detector.prefixed(
      "shippo-token", "Shippo token", ["shippo_live_", "shippo_test_"], .lowerHex, exactly: 40),
  ]
}
