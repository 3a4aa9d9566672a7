import Wire

/// Which calls are traced: the standard samplers of OpenTelemetry.
public struct Sampler: Sendable, Hashable {
  enum Root: Sendable, Hashable {
    case always
    case never
    /// The share of traces below this, by the low half of their identifier, which is random.
    case ratio(below: UInt64)
  }

  let root: Root
  /// Whether a decision of the client counts.
  let followsParent: Bool

  public static let standard = Sampler(root: .always, followsParent: true)

  func samples(_ parent: TraceContext?, _ id: TraceContext.TraceID) -> Bool {
    if followsParent, let parent { return parent.isSampled }
    switch root {
    case .always: return true
    case .never: return false
    // The specification's way: 63 bits, so that programs with the same ratio agree.
    case .ratio(let bound): return id.low >> 1 < bound
    }
  }

  /// Nil for a name or an argument that OpenTelemetry does not know.
  init?(name: String, argument: String?) {
    let isParentBased = name.hasPrefix("parentbased_")
    followsParent = isParentBased
    switch isParentBased ? String(name.dropFirst("parentbased_".count)) : name {
    case "always_on": root = .always
    case "always_off": root = .never
    case "traceidratio":
      guard let ratio = Double(argument ?? "1"), (0...1).contains(ratio) else { return nil }
      root = ratio == 1 ? .always : .ratio(below: UInt64(ratio * 0x1p63))
    default: return nil
    }
  }

  init(root: Root, followsParent: Bool) {
    self.root = root
    self.followsParent = followsParent
  }
}
