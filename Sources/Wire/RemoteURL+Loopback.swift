extension RemoteURL {
  /// Whether it leads to this machine and to no other. Of names only `localhost` counts: what others
  /// resolve to is for a name server to say.
  package var isLoopback: Bool {
    switch host {
    case .name(let name): name == "localhost"
    case .address(let address):
      address.family == .v4 ? address.value >> 24 == 127 : address.value == 1
    }
  }
}
