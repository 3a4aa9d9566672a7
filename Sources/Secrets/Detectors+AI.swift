extension [Detector] {
  /// Model providers and the services agents use beside them.
  static let models: [Detector] = [
    Detector(
      "openai-key", "OpenAI API key", severity: .critical,
      anchors: ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"],
      shape: .token(after: [.run(.base64url, 48...200)], check: .contains("T3BlbkFJ")),
      finds: [
        "sk-proj-" + Sample.text(.base64url, 74) + "T3BlbkFJ" + Sample.text(.base64url, 74)
      ],
      ignores: ["sk-proj-" + Sample.text(.base64url, 74), "sk-proj-your-key"]),
    Detector(
      "openai-legacy-key", "OpenAI API key (older form)", severity: .critical,
      anchors: ["T3BlbkFJ"],
      shape: .token(before: [.run(.alnum, 20), .text("sk-")], after: [.run(.alnum, 20)]),
      finds: ["sk-" + Sample.text(.alnum, 20) + "T3BlbkFJ" + Sample.text(.alnum, 20, seed: 2)],
      ignores: [Sample.text(.alnum, 20) + "T3BlbkFJ" + Sample.text(.alnum, 20)]),
    Detector(
      "anthropic-key", "Anthropic API key", severity: .critical, anchors: ["sk-ant-"],
      shape: .token(after: [.run(.base64url, 80...140)]),
      finds: [
        "sk-ant-api03-" + Sample.text(.base64url, 93) + "AA",
        "sk-ant-oat01-" + Sample.text(.base64url, 93) + "AA",
      ],
      ignores: ["sk-ant-api03-...", "sk-ant-api03-" + String(repeating: "x", count: 95)]),
    Detector.prefixed(
      "hugging-face-token", "Hugging Face token", ["hf_", "api_org_"], .letters, between: 34...40),
    Detector.prefixed("groq-key", "Groq API key", ["gsk_"], .alnum, exactly: 52),
    Detector.prefixed("perplexity-key", "Perplexity API key", ["pplx-"], .alnum, exactly: 48),
    Detector.prefixed("xai-key", "xAI API key", ["xai-"], .alnum, exactly: 80),
    Detector.prefixed("replicate-token", "Replicate API token", ["r8_"], .alnum, exactly: 37),
    Detector.prefixed(
      "openrouter-key", "OpenRouter API key", ["sk-or-v1-"], .lowerHex, exactly: 64),
    Detector.prefixed("nvidia-key", "NVIDIA API key", ["nvapi-"], .base64url, between: 60...70),
    Detector.prefixed("tavily-key", "Tavily API key", ["tvly-", "tvly-dev-"], .alnum, exactly: 32),
    Detector.prefixed("apify-token", "Apify API token", ["apify_api_"], .alnum, exactly: 36),
  ]
}
