import Glibc
import Testing

@testable import Gateway

private func owner(
  boot: String = "b", namespace: String = "1", process: Int32 = 10, startTime: UInt64 = 5,
  container: String? = nil
) -> GatewayOwner {
  GatewayOwner(
    boot: boot, namespace: namespace, process: process, startTime: startTime, container: container)
}

private let viewer = owner(process: 99, startTime: 900)

@Test(arguments: [
  (owner(), UInt64?(5), GatewayOwner.Life.alive),
  (owner(), nil, .gone),
  (owner(), 6, .gone),
  (owner(boot: "other"), 5, .unknown),
  (owner(namespace: "2"), 5, .unknown),
  (owner(namespace: "2", container: "abc"), nil, .asItsContainer("abc")),
  (viewer, nil, .alive),
])
func anOwnerIsGoneOnlyIfThatIsCertain(
  owner: GatewayOwner, startTime: UInt64?, life: GatewayOwner.Life
) {
  #expect(owner.life(seenBy: viewer, startTime: { _ in startTime }, exists: { _ in false }) == life)
}

@Test func anOwnerThatProcHidesFromUsIsNotGone() {
  #expect(
    owner().life(seenBy: viewer, startTime: { _ in nil }, exists: { _ in true }) == .unknown)
}

@Test func anOwnerComesBackFromItsLabels() {
  let inContainer = owner(container: "abc")
  #expect(GatewayOwner(labels: inContainer.labels) == inContainer)
  #expect(GatewayOwner(labels: owner().labels) == owner())
}

@Test(arguments: ["", "a.b.c", "a.b.c.d", "a.b.1.2.3", "a.b.-.2"])
func labelsOfSomebodyElseNameNoOwner(label: String) {
  #expect(GatewayOwner(labels: [GatewayOwner.label: label]) == nil)
}

@Test func thisProcessLives() {
  let current = GatewayOwner.current(isInContainer: false)
  #expect(!current.boot.isEmpty && !current.namespace.isEmpty && current.startTime > 0)
  let earlier = owner(
    boot: current.boot, namespace: current.namespace, process: getppid(),
    startTime: ProcessFiles.startTime(getppid()) ?? 0)
  #expect(
    earlier.life(seenBy: current, startTime: ProcessFiles.startTime, exists: ProcessFiles.exists)
      == .alive)
}
