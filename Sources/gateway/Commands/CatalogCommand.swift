import ArgumentParser
import Catalog
import FoundationEssentials
import Gateway
import OperatorFiles
import Wire

/// `catalog …`: the catalogs that servers are taken from.
struct CatalogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalog", abstract: "Manage the catalogs that describe servers.",
    discussion: """
      They are kept in ~/.docker/mcp/catalogs, listed in ~/.docker/mcp/catalog.json. The name \
      docker-mcp is reserved for Docker's catalog.

      EXAMPLES
        gateway catalog import ./site.yaml
        gateway catalog create mine
        gateway catalog add mine notes ./site.yaml
        gateway catalog show mine --format json
      """,
    subcommands: [List.self, Show.self, Import.self, Create.self, Add.self, Remove.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ls", abstract: "List the catalogs.",
      discussion: "JSON: an array of {name, displayName, url, lastUpdate}.", aliases: ["list"])

    @OptionGroup var output: FormatOptions

    func run() throws {
      let entries = try Invocation.current.shelf().entries()
      if entries.isEmpty { Talk.say("There is no catalog. Add one with: catalog import URL|FILE") }
      output.print(list: entries.map(\.line), json: JSONText(array: entries.map(\.json)))
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "List the servers of a catalog.",
      discussion: "JSON: {name, displayName, servers: [{name, title, description, images}]}.")

    @Argument(help: "Name of the catalog.") var name = CatalogShelf.reservedName
    @OptionGroup var output: FormatOptions

    func run() throws {
      let (catalog, problems) = try Invocation.current.shelf().document(name)
      Talk.say(problems + catalog.unusable.flatMap(\.problems))
      output.print(list: catalog.servers.map(\.line), json: catalog.json)
      if problems.hasErrors {
        throw CommandFailure(silently: ExitCode.usageOrConfiguration.rawValue)
      }
    }
  }

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import",
      abstract: "Keep a copy of a catalog under the name that it gives itself.",
      discussion: """
        The copy is yours: its servers get what they ask for, also what a catalog that is named by \
        its URL would not be given. What that is, is told.
        """)

    @Argument(help: "URL (https) or path of the catalog.") var origin: String

    func run() async throws {
      let shelf = try Invocation.current.shelf()
      let isURL = origin.hasPrefix("https://") || origin.hasPrefix("http://")
      let bytes = isURL ? try await fetch(origin) : try read(origin)
      let now = Date.now.formatted(.iso8601)
      let kept = try shelf.keep(bytes, from: origin, isFetched: isURL, at: now)
      Talk.say(kept.problems)
      Talk.say("Imported \(kept.name) from \(isURL ? RemoteAddress.shown(origin) : origin).")
    }

    private func fetch(_ url: String) async throws -> [UInt8] {
      let (allowsInsecure, problems) = SettingsReader.allowsInsecureURLs(
        in: Invocation.current.surroundings)
      try CommandFailure.check(problems)
      return try await GatewayRun.fetchCatalog(url: url, allowInsecure: allowsInsecure)
    }

    private func read(_ path: String) throws -> [UInt8] {
      guard let bytes = try OperatorFile(path).read() else {
        throw Problem(source: path, "there is no such file")
      }
      return bytes
    }
  }

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make an empty catalog.")

    @Argument(help: "Name of the new catalog.") var name: String

    func run() throws {
      let shelf = try Invocation.current.shelf()
      try shelf.create(name)
      Talk.say("Created \(shelf.path(of: name)).")
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "add", abstract: "Copy a server from a catalog file into a catalog.")

    @Argument(help: "Name of the catalog to add to.") var catalog: String
    @Argument(help: "Name of the server.") var server: String
    @Argument(help: "Catalog file that describes the server.") var file: String
    @Flag(inversion: .prefixedNo, help: "Replace a server of the same name.") var force = false

    func run() throws {
      try Invocation.current.shelf().add(server, from: file, to: catalog, replacing: force)
      Talk.say("Added \(server) to \(catalog).")
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rm", abstract: "Remove a catalog.")

    @Argument(help: "Name of the catalog.") var name: String

    func run() throws {
      try Invocation.current.shelf().remove(name)
      Talk.say("Removed \(name).")
    }
  }
}

extension CatalogShelf.Entry {
  /// Without what may be a token.
  private var shownURL: String? {
    url.map { RemoteAddress.isRemote($0) ? RemoteAddress.shown($0) : $0 }
  }

  fileprivate var line: String {
    let title = displayName.map { ": \($0)" } ?? ""
    return "\(name)\(title)\(shownURL.map { " (\($0))" } ?? "")"
  }

  fileprivate var json: JSONText {
    JSONText(present: [
      ("name", JSONText(string: name)), ("displayName", displayName.json), ("url", shownURL.json),
      ("lastUpdate", lastUpdate.json),
    ])
  }
}

extension CatalogDocument {
  fileprivate var json: JSONText {
    JSONText(present: [
      ("name", name.json), ("displayName", displayName.json),
      ("servers", JSONText(array: servers.map(\.summary))),
    ])
  }
}

extension ServerDefinition {
  fileprivate var line: String {
    let text = title ?? description?.firstSentence
    return text.map { "\(name): \($0)" } ?? name
  }

  fileprivate var summary: JSONText {
    JSONText(present: [
      ("name", JSONText(string: name)), ("title", title.json), ("description", description.json),
      ("images", JSONText(strings: images)),
    ])
  }
}
