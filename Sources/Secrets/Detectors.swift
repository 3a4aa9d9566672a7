extension [Detector] {
  /// All detectors we ship, in the order of docs/secrets.md.
  public static let builtIn: [Detector] =
    models + cloud + code + services + payment + structured
}
