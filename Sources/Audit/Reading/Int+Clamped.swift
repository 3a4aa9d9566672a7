extension Int {
  /// Sums of what a log says, which may be hostile: what is negative counts as nothing, and too much
  /// as the most there is.
  func clampedAdding(_ number: Int) -> Int {
    let (sum, isTooLarge) = addingReportingOverflow(Swift.max(0, number))
    return isTooLarge ? .max : sum
  }
}
