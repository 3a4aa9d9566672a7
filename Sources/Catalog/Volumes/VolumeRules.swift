/// Decides which volumes a definition may mount.
struct VolumeRules: Sendable, Hashable {
  let grants: VolumeGrants
  /// A definition from the network gets no default roots and no named volumes.
  let isTrusted: Bool
  let workingFolder: String
  let homeFolder: String?
}
