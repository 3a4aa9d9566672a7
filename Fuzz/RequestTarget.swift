/// libFuzzer's entry for what a connection sends: heads, bodies, chunks.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequests(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  do { try RequestProperties.connection(bytes) } catch { fatalError("\(error)") }
  return 0
}
