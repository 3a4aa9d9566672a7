import Interceptors
import Wire

extension SettingsReader {
  /// Each spec is named by its number: its words may hold a secret.
  mutating func readInterceptors(_ flags: some ProtectionFlags) {
    for (index, text) in flags.interceptor.enumerated() {
      let number = index + 1
      do throws(HookSpec.Flaw) {
        settings.interceptors.append(Hook(flag: try HookSpec(parsing: text), number: number))
      } catch {
        let which = flags.interceptor.count > 1 ? "number \(number) " : ""
        refuse("--interceptor", which + error.message, hint: error.hint)
      }
    }
  }
}
