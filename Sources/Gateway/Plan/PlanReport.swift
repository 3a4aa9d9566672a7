import Catalog
import Wire

/// A plan in words.
struct PlanReport: Sendable {
  private let plan: Plan

  init(_ plan: Plan) { self.plan = plan }

  func write(to console: Console) {
    if !plan.images.isEmpty {
      console.line("- Using images:")
      for image in plan.images { console.line("  - \(PrintableText(image))") }
    }
    let names = plan.servers.map(\.name).joined(separator: ", ")
    console.line(names.isEmpty ? "- No server is enabled" : "- Enabled servers: \(names)")
    for server in plan.unusable {
      console.line("! \(PrintableText(server.name)) cannot be used:")
      for problem in server.problems { console.line("  \(problem.description)") }
    }
  }
}
