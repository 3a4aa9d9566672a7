import Testing
import Wire

@testable import Catalog

struct ContainerToolTests {
  private func recipe(
    command: String = "[]", volumes: String = "[]", user: String = "''", parameters: String = "{}"
  ) async throws -> ContainerToolRecipe {
    let configuration = try await resolve(
      """
      registry:
        t:
          tools:
            - name: run
              parameters: \(parameters)
              container: {image: x, command: \(command), volumes: \(volumes), user: \(user)}
      """)
    guard case .containerTools(let tools) = configuration.enabled.first?.kind,
      let tool = tools.first
    else { throw Unexpected(messages: configuration.messages) }
    return tool
  }

  private struct Unexpected: Error { var messages: [String] }

  private func command(_ command: String, _ arguments: String) async throws -> [String] {
    do {
      return try await recipe(command: command).run(arguments: JSONText(validating: arguments))
        .command
    } catch let problem as ArgumentProblem {
      return ["\(problem)"]
    }
  }

  private static let option = "a value must not start with `-`, which would make it an option"

  @Test(arguments: [
    ("['{{p}}']", #"{"p": "x"}"#, ["x"]),
    ("['--width', '{{w}}']", #"{"w": 100}"#, ["--width", "100"]),
    ("['{{l}}']", #"{"l": ["a", "b"]}"#, ["a", "b"]),
    ("['{{l|into}}', end]", #"{"l": []}"#, ["end"]),
    ("['{{missing}}']", "{}", [""]),
    // A value is text, whatever it looks like.
    ("['{{p}}']", #"{"p": "$HOME {{p}} ; rm -rf / | x:y"}"#, ["$HOME {{p}} ; rm -rf / | x:y"]),
    ("['{{p}}']", #"{"p": "a\nb"}"#, ["a\nb"]),
    // And never an option.
    ("['{{p}}']", #"{"p": "--privileged"}"#, ["arguments.p: \(option)"]),
    ("['{{p}}']", #"{"p": "-"}"#, ["arguments.p: \(option)"]),
    ("['{{p}}']", #"{"p": -5}"#, ["arguments.p: \(option)"]),
    ("['{{p}}{{q}}']", #"{"p": "", "q": "-x"}"#, ["arguments.p: \(option)"]),
    ("['{{p}}=1']", #"{"p": "--x"}"#, ["arguments.p: \(option)"]),
    ("['{{l}}']", #"{"l": ["a", "-x"]}"#, ["arguments.l: \(option)"]),
    ("['{{l|last}}']", #"{"l": ["a", "-x"]}"#, ["arguments.l: \(option)"]),
    ("[x, '{{p}}', --]", #"{"p": "-x"}"#, ["arguments.p: \(option)"]),
    ("['{{d}}', '{{p}}']", #"{"d": "--", "p": "-x"}"#, ["arguments.d: \(option)"]),
    // Unless the author of the catalog made it one, or ended the options.
    ("['-{{p}}']", #"{"p": "x"}"#, ["-x"]), ("['--name={{p}}']", #"{"p": "-x"}"#, ["--name=-x"]),
    ("['{{p|or:--all}}']", "{}", ["--all"]),
    ("[--, '{{p}}']", #"{"p": "-x"}"#, ["--", "-x"]),
    ("[--, a, '{{l}}']", #"{"l": ["-x", "--y"]}"#, ["--", "a", "-x", "--y"]),
  ])
  func argumentsFillTheirPlaces(template: String, arguments: String, command expected: [String])
    async throws
  {
    #expect(try await command(template, arguments) == expected)
  }

  @Test func anOversizedArgumentIsRefused() async throws {
    let text = String(repeating: "x", count: 128 << 10)
    let found = try await command("['{{p}}']", "{\"p\": \"\(text)\"}")
    #expect(found == ["arguments.p: a value is longer than 131072 bytes"])
  }

  @Test(arguments: [
    ("{}", "arguments.path: is required"), (#"{"path": null}"#, "arguments.path: is required"),
    (#"{"path": 1}"#, "arguments.path: must be of type string"),
    (#"{"path": "x", "width": "1"}"#, "arguments.width: must be of type integer"),
    (#"{"path": "x", "width": 1.5}"#, "arguments.width: must be of type integer"),
    (#"{"path": "x", "tags": ["a", 1]}"#, "arguments.tags[1]: must be of type string"),
    (#"{"path": "x", "tags": "a"}"#, "arguments.tags: must be of type array"),
    (#"{"path": "x", "either": true}"#, "arguments.either: must be of type string or number"),
    ("[]", "arguments: must be an object"),
  ])
  func argumentsAreComparedWithTheSchema(arguments: String, problem: String) async throws {
    let parameters = """
      {properties: {path: {type: string}, width: {type: integer}, tags: {type: array, \
      items: {type: string}}, either: {type: [string, number]}, odd: {type: str}}, required: [path]}
      """
    let recipe = try await recipe(parameters: parameters)
    #expect {
      try recipe.run(arguments: JSONText(validating: arguments))
    } throws: {
      "\($0)" == problem
    }
    let fine = #"{"path": "x", "width": 1.0, "tags": [], "either": 2, "odd": 3, "more": {}}"#
    _ = try recipe.run(arguments: JSONText(validating: fine))
  }

  @Test(arguments: [
    ("/etc/passwd", "the path may not be mounted: nothing under /etc is ever mounted"),
    (
      "/tmp/x:/y", "the path may not be mounted: a value holds a colon, which would separate fields"
    ),
    ("-v", "the path may not be mounted: it starts with `-`"),
    ("/srv/x", "the path may not be mounted: it is outside the folders that may be mounted"),
    ("/tmp/../root/x", "the path may not be mounted: nothing under /root is ever mounted"),
    ("/tmp/.ssh/id", "the path may not be mounted: .ssh may hold credentials and is never mounted"),
  ])
  func pathsOfArgumentsFollowTheVolumeRules(path: String, problem: String) async throws {
    let recipe = try await recipe(volumes: "['{{path|volume}}']")
    let arguments = JSONText(object: [("path", JSONText(string: path))])
    #expect {
      try recipe.run(arguments: arguments)
    } throws: {
      "\($0)" == "arguments.path: " + problem
    }
  }

  @Test func anArgumentCannotNameAVolumeOrAWritableMode() async throws {
    let named = try await recipe(volumes: "['{{v}}:/data']")
    #expect(throws: ArgumentProblem.self) {
      try named.run(arguments: JSONText(validating: #"{"v": "notes"}"#))
    }
    let mode = try await recipe(volumes: "['/tmp/x:/x:{{m}}']")
    #expect(throws: ArgumentProblem.self) {
      try mode.run(arguments: JSONText(validating: #"{"m": "rw"}"#))
    }
    let fixed = try await recipe(volumes: "['notes:/data', '{{none}}']", user: "'{{u}}'")
    let run = try fixed.run(arguments: JSONText(validating: #"{"u": "1000:1000"}"#))
    #expect(run.mounts.map(\.source) == [.namedVolume("notes")])
    #expect(run.user == "1000:1000")
    #expect(throws: ArgumentProblem.self) {
      try fixed.run(arguments: JSONText(validating: #"{"u": "a b"}"#))
    }
  }

  @Test func theWholeSchemaIsShownToTheModel() async throws {
    let bare = try await recipe(parameters: "{properties: {a: {type: string, enum: [x, 'y']}}}")
    #expect(
      bare.tool.inputSchema.description
        == #"{"properties":{"a":{"type":"string","enum":["x","y"]}},"type":"object"}"#)
    #expect(
      try await recipe(parameters: "null").tool.inputSchema.description == #"{"type":"object"}"#)
  }
}
