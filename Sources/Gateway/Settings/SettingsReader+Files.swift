import Catalog
import Wire

extension SettingsReader {
  mutating func readFiles(_ flags: some FileFlags) {
    let inContainer = settings.isInContainer
    settings.catalogsAreExplicit = !flags.catalog.isEmpty
    settings.registriesAreExplicit = !flags.registry.isEmpty
    settings.configsAreExplicit = !flags.config.isEmpty
    settings.toolsConfigsAreExplicit = !flags.toolsConfig.isEmpty

    settings.catalogs = Self.files(
      flags.catalog, else: [inContainer ? PublicCatalog.url : "docker-mcp.yaml"])
    settings.registries = Self.files(flags.registry, else: inContainer ? [] : ["registry.yaml"])
    settings.configs = Self.files(flags.config, else: inContainer ? [] : ["config.yaml"])
    settings.toolsConfigs = Self.files(flags.toolsConfig, else: inContainer ? [] : ["tools.yaml"])
    settings.additionalCatalogs = Self.files(flags.additionalCatalog)
    settings.additionalRegistries = Self.files(flags.additionalRegistry)
    settings.additionalConfigs = Self.files(flags.additionalConfig)
    settings.additionalToolsConfigs = Self.files(flags.additionalToolsConfig)

    let standard = "docker-desktop" + (inContainer ? ":/run/secrets/mcp_secret:/.env" : "")
    settings.secretSources = (flags.secrets ?? standard).split(separator: ":").map(String.init)
    readFolders()
  }

  /// `--catalog=` clears the default: an empty entry counts as written and names no file.
  private static func files(_ written: [String], else standard: [String] = []) -> [String] {
    written.isEmpty ? standard : written.filter { !$0.isEmpty }
  }

  private mutating func readFolders() {
    guard let home = surroundings.home else {
      refuse("HOME", "no home folder is known", hint: "set HOME to an absolute path")
      return
    }
    settings.mcpFolder = home.mcpFolder
    settings.stateFolder = StateFolder(in: surroundings) ?? settings.stateFolder
    settings.dockerConfigFolder =
      surroundings.docker.configFolder ?? surroundings["DOCKER_CONFIG"] ?? home.dockerFolder
  }
}
