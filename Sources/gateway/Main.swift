import Dispatch
import Glibc
import Sandbox
import Wire

/// The program. Nothing is thrown out of here: an uncaught error would end in a crash report.
@main
struct Main {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    // A helper of ours that starts hooks: it forks, so it must be alone in its process, without the
    // threads that the first task brings.
    if arguments.first == Keeper.word { Keeper.run(arguments.dropFirst()) }
    // The docker CLI asks this before each of its own commands: answered before anything else.
    if arguments.first == PluginArguments.metadataWord {
      Talk.data(PluginMetadata.text)
      exit(ExitCode.fine.rawValue)
    }
    do throws(Problem) { try Hardening.apply() } catch {
      Talk.say([error])
      exit(ExitCode.runtimeFailure.rawValue)
    }
    let isPlugin = PluginArguments.isPlugin(programName: CommandLine.arguments.first ?? "")
    Task { exit(await Invocation(arguments, isPlugin: isPlugin).run()) }
    dispatchMain()
  }
}
