// swift-tools-version: 6.2
import PackageDescription

// Every target of ours is held to the same bar: warnings fail the build, and each unsafe pointer
// use must be marked, which makes the unsafe lines easy to list and review.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func systemLibrary(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// `data`: what tests read or run by its path, and is not compiled.
func tests(_ name: String, _ dependencies: [Target.Dependency], data: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: data,
    swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
}

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
  .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
]
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
  name: "gateway",
  products: [.executable(name: "gateway", targets: ["gateway"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.0"),
    .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.0"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0", traits: []),
    .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
  ],
  targets: [
    systemLibrary("CLibYAML", "yaml-0.1", "libyaml-dev"),
    // malloc_trim, which the Glibc module leaves out.
    .systemLibrary(name: "CMemory"),
    systemLibrary("CHyperscan", "libhs", "libhyperscan-dev"),
    systemLibrary("CSeccomp", "libseccomp", "libseccomp-dev"),
    // fork, prctl and raw system calls, which the Glibc module leaves out.
    .systemLibrary(name: "CSandbox"),
    systemLibrary("CGPGME", "gpgme", "libgpgme-dev"),
    room("Wire"),
    room("HTTPSyntax"),
    room("YAML", ["CLibYAML", "Wire"]),
    room("Secrets", ["Wire", "CHyperscan"]),
    room("Policy", ["Wire", "YAML"]),
    room("Interceptors", ["Wire", "Policy", "Secrets"]),
    room("Spawning"),
    room("Sandbox", ["CSandbox", "CSeccomp", "Wire", "Interceptors", "Spawning"]),
    room("Audit", ["Wire", "Interceptors", .product(name: "Crypto", package: "swift-crypto")]),
    room("Telemetry", ["Wire", "Interceptors"]),
    room(
      "Authorization",
      [
        "Wire", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "JWTKit", package: "jwt-kit"),
      ]),
    room(
      "Signatures",
      [
        "CGPGME", "Wire", "YAML",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "X509", package: "swift-certificates"),
      ]),
    room("ContainerEngine", nio + [logging, "Spawning", "Wire"]),
    room("Catalog", ["Wire", "YAML"]),
    room("OperatorFiles", ["Wire", "YAML", "Catalog", "Spawning"]),
    room(
      "Gateway",
      nio + [
        "CMemory", "Wire", "HTTPSyntax", "Policy", "Secrets", "Interceptors", "Audit",
        "Authorization", "Catalog", "ContainerEngine", "Sandbox", "Signatures", "Telemetry",
        logging,
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    .executableTarget(
      name: "gateway",
      dependencies: [
        "Gateway", "Audit", "Authorization", "Catalog", "OperatorFiles", "ContainerEngine",
        "Interceptors", "Policy", "Sandbox", "Signatures", "Wire", logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    // What the benchmark measures the gateway beside; not a product that anybody installs.
    .executableTarget(
      name: "http-echo", dependencies: [.product(name: "Hummingbird", package: "hummingbird")],
      path: "Bench/HTTPEcho", swiftSettings: strict),
    tests("WireTests", ["Wire"]),
    tests("HTTPSyntaxTests", ["HTTPSyntax"]),
    tests("YAMLTests", ["YAML", "Wire"]),
    tests("SecretsTests", ["Secrets", "Wire"]),
    tests("PolicyTests", ["Policy", "Wire"]),
    tests("InterceptorsTests", ["Interceptors", "Policy", "Wire"]),
    tests("SandboxTests", ["Sandbox", "Interceptors", "Wire"]),
    tests("TelemetryTests", ["Telemetry", "Interceptors", "Wire"]),
    tests("AuditTests", ["Audit", "Interceptors", "Wire"], data: ["Fixtures"]),
    tests(
      "AuthorizationTests",
      [
        "Authorization", "Wire", .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "JWTKit", package: "jwt-kit"),
      ]),
    tests(
      "SignaturesTests",
      [
        "Signatures", "Wire", "YAML",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "X509", package: "swift-certificates"),
      ], data: ["Fixtures"]),
    tests("ContainerEngineTests", ["ContainerEngine", "Wire"]),
    tests("CatalogTests", ["Catalog", "Wire", "YAML"]),
    tests("OperatorFilesTests", ["OperatorFiles", "Catalog", "Wire", "YAML"]),
    tests(
      "GatewayTests",
      [
        "Gateway", "gateway", "Audit", "Authorization", "Catalog", "ContainerEngine",
        "HTTPSyntax", "Interceptors", "Policy", "Signatures", "Telemetry", "Wire",
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "JWTKit", package: "jwt-kit"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    tests("EndToEndTests", ["Wire"], data: ["clients", "matrix", "probes", "servers"]),
  ]
)
