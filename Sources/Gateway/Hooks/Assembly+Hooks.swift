import Interceptors
import NIOCore
import NIOPosix
import Sandbox
import Wire

/// Who asks hooks of which kind.
extension Assembly {
  func hooks(_ launcher: ContainerLauncher?, _ scan: SecretScan?) -> HookWorkshop {
    let group: any EventLoopGroup = executor?.loop ?? MultiThreadedEventLoopGroup.singleton
    let slots = hookSlots
    let farewells = farewells
    let talk = talk(scan)
    let exec = ExecHooks(
      variables: environment.variables, workingFolder: WorkingFolder.path,
      onErrorLine: { name, line in talk("hook \(name)", line) }, log: console.line)
    let http: HookWorkshop.Maker = { hook throws(Problem) in try HTTPHookRunner(hook, on: group) }
    let docker: HookWorkshop.Maker = { hook throws(Problem) in
      guard let launcher else {
        throw Problem(
          source: hook.name, "docker hooks need a container engine, which --static does without")
      }
      return try DockerHookRunner(
        hook, launcher: launcher, slots: slots, farewells: farewells
      ) { name, line in talk("hook \(name)", line) }
    }
    return HookWorkshop(
      [
        .exec: { hook throws(Problem) in try exec.runner(for: hook) }, .http: http, .docker: docker,
      ],
      log: console.line)
  }
}
