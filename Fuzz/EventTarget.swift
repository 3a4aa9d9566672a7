/// libFuzzer's entry for the event streams of remote servers.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEvents(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  do { try ServerSentEventProperties.stream(bytes) } catch { fatalError("\(error)") }
  return 0
}
