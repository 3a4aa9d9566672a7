// What a bare Hummingbird server does with a request of the benchmark: it reads the body and sends
// it back. The gateway is measured beside it. It is also the hook of the benchmark.
//
// usage: http-echo PORT

import Hummingbird

guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
  fatalError("usage: http-echo PORT")
}
let router = Router()
router.post("mcp") { request, _ in
  let body = try await request.body.collect(upTo: 1 << 20)
  return Response(
    status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: body))
}
// A hook that lets every call go on.
router.post("hook") { request, _ in
  _ = try await request.body.collect(upTo: 1 << 20)
  return Response(status: .noContent)
}
let server = Application(
  router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
try await server.runService()
