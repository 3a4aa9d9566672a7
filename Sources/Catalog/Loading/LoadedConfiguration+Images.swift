import Wire
import YAML

extension LoadedConfiguration {
  /// The same configuration with the servers that these images describe. An image cannot take the
  /// name of a catalog's server or of another image's: it would get what was meant for that one.
  public func adding(_ images: [DescribedImage]) async -> LoadedConfiguration {
    var result = self
    var owners: [String: String] = [:]
    for described in images {
      result.imagesToDescribe.removeAll { $0 == described.image }
      do {
        let (definition, warnings) = try Self.definition(of: described)
        try check(definition.name, of: described.image, &owners)
        result.problems += warnings
        result.take(await resolver.resolve(definition))
      } catch {
        result.unusable.append(
          UnusableServer(name: described.image.argument, problems: error.problems))
      }
    }
    result.sort()
    return result
  }

  private static func definition(
    of described: DescribedImage
  ) throws(ImageLabelRefusal) -> (definition: ServerDefinition, warnings: [Problem]) {
    let source = described.image.argument
    guard Names.isImage(described.image.reference) else {
      throw ImageLabelRefusal(problems: [Problem(source: source, "this is no image reference")])
    }
    guard let label = described.label else {
      throw ImageLabelRefusal(problems: [
        Problem(
          source: source, "the image has no label \(ImageLabel.key), so it describes no server",
          hint: "describe it in a catalog of your own")
      ])
    }
    return try ImageLabel.decode(Array(label.utf8), of: described.image)
  }

  private func check(
    _ name: String, of image: ImageArgument, _ owners: inout [String: String]
  ) throws(ImageLabelRefusal) {
    let owner =
      CatalogIndexByName(catalogs).contains(name)
      ? "a catalog" : owners[name] ?? enabled.first { $0.name == name }.map { _ in "another image" }
    guard let owner else {
      owners[name] = "another image"
      return
    }
    throw ImageLabelRefusal(problems: [
      Problem(
        source: image.argument,
        "its label claims the name \(name.forMessage), which \(owner) has already")
    ])
  }

  mutating func take(_ resolution: ServerResolution) {
    switch resolution {
    case .usable(let server, let warnings):
      enabled.append(server)
      problems += warnings.filter { !problems.contains($0) }
    case .unusable(let server): unusable.append(server)
    }
  }

  mutating func sort() {
    enabled.sort { $0.name < $1.name }
    unusable.sort { $0.name < $1.name }
  }
}
