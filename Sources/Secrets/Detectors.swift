extension [Detector] {
  /// All detectors we ship, in the order of docs/secrets.md.
  public static let builtIn: [Detector] = cloud + code
}
