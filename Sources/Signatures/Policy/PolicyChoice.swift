import FoundationEssentials
import Wire

/// Which policy speaks. Never one that nobody asked for: a distribution's policy.json accepts
/// anything.
public enum PolicyChoice: Sendable, Hashable {
  /// Only the built-in rule.
  case builtInOnly
  /// A file that the operator named. What it accepts without proof is accepted, and said.
  case named(TrustPolicy)
  /// The machine's policy. What it accepts without proof is rejected.
  case system(TrustPolicy)

  /// Reads a policy. A missing file and a broken one are told apart by their codes.
  public static func read(_ path: String, isSystem: Bool) throws(PolicyProblem) -> PolicyChoice {
    let bytes: [UInt8]
    do { bytes = try BoundedFile.bytes(at: path, limit: TrustPolicy.largest) } catch {
      throw PolicyProblem(
        error == .missing ? .policyMissing : .policyInvalid,
        Problem(source: path, "the signature policy \(error.description)"))
    }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    do throws(Problem) {
      let policy = try TrustPolicy(bytes, source: path, folder: folder)
      return isSystem ? .system(policy) : .named(policy)
    } catch { throw PolicyProblem(.policyInvalid, error) }
  }

  /// The machine's policy: the user's, else the system's (containers-policy.json(5)).
  public static func readSystem(homeFolder: String?) throws(PolicyProblem) -> PolicyChoice {
    let places =
      [homeFolder.map { "\($0)/.config/containers/policy.json" }].compactMap(\.self)
      + ["/etc/containers/policy.json"]
    guard let path = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw PolicyProblem(
        .policyMissing,
        Problem(
          source: places.joined(separator: ", "), "there is no signature policy",
          hint: "name one with --signature-policy FILE"))
    }
    return try read(path, isSystem: true)
  }

  /// Tells choices apart in caches and records.
  public var digest: String {
    switch self {
    case .builtInOnly: "built-in"
    case .named(let policy): policy.digest.description
    case .system(let policy): "system " + policy.digest.description
    }
  }

  /// The file that speaks; nil where only the built-in rule does.
  public var policy: TrustPolicy? {
    switch self {
    case .builtInOnly: nil
    case .named(let policy), .system(let policy): policy
    }
  }

  /// The requirements for an image, or why there are none.
  func requirements(for image: ImageReference) throws(Rejection) -> TrustPolicy.Choice {
    let chosen = policy?.choice(for: image)
    if let chosen, chosen.isOwn { return chosen }
    if let builtIn = BuiltInRule.choice(for: image) { return builtIn }
    guard let chosen else {
      throw Rejection(
        .policyMissing, "no signature policy says who may sign \(image.repository)",
        hint: PolicyAdvice.entry(for: image, inPolicy: false))
    }
    return chosen
  }
}

/// Why a policy cannot be used.
public struct PolicyProblem: Error, Sendable, Hashable {
  public let code: RejectionCode
  public let problem: Problem

  public init(_ code: RejectionCode, _ problem: Problem) {
    self.code = code
    self.problem = problem
  }

  public var rejection: Rejection { Rejection(code, problem.description) }
}
