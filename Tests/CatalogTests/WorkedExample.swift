@testable import Catalog

/// A site with four servers of the three kinds, as docs/configuration.md explains them.
enum WorkedExample {
  static let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

  static let catalog = """
    name: site
    displayName: Site catalog
    registry:
      notes:
        title: Notes
        description: Full-text search over a folder of notes.
        type: server
        image: example/notes@sha256:\(digest)
        command: [--transport=stdio, "--lang={{notes.languages|first|or:en}}", "{{notes.extra|or:[]|into}}"]
        secrets:
          - {name: notes.api_key, env: NOTES_KEY}
        env:
          - {name: NOTES_HEADER, value: "Authorization: Token $NOTES_KEY"}
          - {name: NOTES_TITLE, value: "{{notes.title}}"}
        volumes: ["{{notes.folder|mount_as:/notes:ro}}"]
        user: "1000:1000"
        disableNetwork: true
        tools: [{name: search}, {name: read}]
        config:
          - name: notes
            type: object
            properties: {folder: {type: string}, languages: {type: array, items: {type: string}}, title: {type: string}}
            required: [folder]
      weather:
        title: Weather
        type: server
        image: example/weather:2
        allowHosts: ["api.weather.example:443/https", "db.weather.example:5432/tcp"]
        longLived: true
      tracker:
        title: Tracker
        type: remote
        remote:
          url: https://mcp.tracker.example/mcp
          transport_type: streamable-http
          headers: {X-Team: blue, Authorization: "Bearer $TRACKER_TOKEN"}
        secrets: [{name: tracker.token, env: TRACKER_TOKEN}]
      resize:
        title: Resize
        type: poci
        tools:
          - name: resize_image
            description: Make an image smaller.
            parameters:
              type: object
              properties:
                path: {type: string, description: file to read}
                width: {type: integer, description: pixels}
              required: [path, width]
            container:
              image: example/resize:1
              command: ["--width", "{{width}}", "{{path|volume-target}}"]
              volumes: ["{{path|volume}}"]
    """

  static let registry = """
    registry:
      notes: {ref: ""}
      resize: {ref: ""}
    """

  static let config = """
    notes:
      folder: /tmp/notes
      languages: [fr, en]
      title: My notes
    """

  static let tools = "notes: [search]\n"

  static let secrets = """
    # for the servers of the site
    notes.api_key=s3cret
    tracker.token=abc
    """

  /// All of its files, the catalog under `catalogs/site.yaml`.
  static func write(to folder: TemporaryFolder) throws -> ConfigurationSources {
    try folder.write("mcp/catalogs/site.yaml", catalog)
    try folder.write("mcp/registry.yaml", registry)
    try folder.write("mcp/config.yaml", config)
    try folder.write("mcp/tools.yaml", tools)
    try folder.write("work/.env", secrets)
    var sources = folder.sources
    sources.catalogs = .init(["site.yaml"], areExplicit: true)
    sources.secretSources = ["docker-desktop", "./.env"]
    return sources
  }
}
