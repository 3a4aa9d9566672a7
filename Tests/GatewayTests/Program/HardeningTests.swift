import Glibc
import Testing

@testable import gateway

struct HardeningTests {
  @Test func theProcessCannotBeDumpedOrTraced() async {
    await #expect(processExitsWith: .success) {
      #expect(Hardening.isDumpable == true)
      try Hardening.apply()
      #expect(Hardening.isDumpable == false)
      var limit = rlimit()
      #expect(getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0)
      #expect(limit.rlim_cur == 0 && limit.rlim_max == 0)
    }
  }

  /// The report that Swift's runtime prints would hold registers and so perhaps secrets.
  @Test func crashSignalsHaveTheirDefaultAction() async {
    await #expect(processExitsWith: .success) {
      try Hardening.apply()
      for number in Hardening.crashSignals {
        var action = sigaction()
        #expect(sigaction(number, nil, &action) == 0)
        #expect(action.__sigaction_handler.sa_handler == nil, "signal \(number)")
      }
    }
  }
}
