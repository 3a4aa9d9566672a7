import Wire

/// The `filters` parameter of lists and events: JSON lists of alternatives by kind.
struct EngineFilters {
  private var kinds: [String: [String]] = [:]

  init(labels: [String: String?] = [:], _ others: [String: [String]] = [:]) {
    kinds = others
    if !labels.isEmpty {
      kinds["label"] = labels.map { name, value in value.map { "\(name)=\($0)" } ?? name }.sorted()
    }
  }

  var text: String {
    let members = kinds.sorted { $0.key < $1.key }.map { ($0.key, JSONText.strings($0.value)) }
    return JSONText(object: members).description
  }
}
