/// libFuzzer's entry for the reader of a log's lines.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecord(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  do { _ = try RecordProperties.record(bytes) } catch { fatalError("\(error)") }
  return 0
}
