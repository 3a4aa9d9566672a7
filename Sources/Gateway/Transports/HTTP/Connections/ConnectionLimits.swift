import HTTPSyntax
import NIOCore

/// How long a connection may take over the parts of a request, and how many there may be.
struct ConnectionLimits: Sendable, Hashable {
  var headTime = TimeAmount.seconds(10)
  var bodyTime = TimeAmount.seconds(60)
  /// Between two requests.
  var idleTime = TimeAmount.seconds(120)
  /// For what a client still sends that nobody reads: closing at once would reset the connection
  /// and destroy the answer on its way.
  var lingerTime = TimeAmount.seconds(2)
  /// For a client that reads nothing while something is sent to it.
  var stallTime = TimeAmount.seconds(60)
  var head = RequestReader.Limits()
  var connections = 1024
  /// Bytes that may wait while the request before them is answered.
  var ahead = 64 << 10
}
