/// How the streams of all sessions of one transport can be resumed.
struct Replay: Sendable {
  var limits = EventLog.Limits()
  let seal = EventID.Seal()
  let total = EventTotal()
}
