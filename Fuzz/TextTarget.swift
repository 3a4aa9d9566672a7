/// libFuzzer's entry for the scanner, the walker and everything that reads an accepted text.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzText(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  do { try WireProperties.text(bytes) } catch { fatalError("\(error)") }
  return 0
}
