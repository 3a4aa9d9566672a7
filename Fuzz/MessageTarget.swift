/// libFuzzer's entry for JSON-RPC messages.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMessage(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  do { try WireProperties.message(bytes) } catch { fatalError("\(error)") }
  return 0
}
