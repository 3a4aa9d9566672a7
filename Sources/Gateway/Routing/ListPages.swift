import Crypto
import Wire

/// One of our lists, cut into what one answer carries. Many clients read the first page only, and
/// some refuse events of more than 1 MiB: a page is as large as may be, and almost every list has one.
struct ListPages: Sendable {
  static let mostEntries = 1_000
  static let mostBytes = 768 << 10

  /// The result with all entries.
  let whole: JSONText
  /// The entries by pages; empty where one page holds all.
  private let pages: [JSONText]
  private let member: String
  private let seal: CursorSeal

  /// - Parameter member: the name under which the result has the entries.
  init(_ member: String, _ entries: [JSONText]) {
    self.member = member
    whole = JSONText(object: [(member, JSONText(array: entries))])
    let cuts = Self.cuts(entries)
    pages = cuts.count > 1 ? cuts.map { JSONText(array: entries[$0]) } : []
    seal = CursorSeal(of: pages.isEmpty ? .emptyObject : whole)
  }

  private static func cuts(_ entries: [JSONText]) -> [Range<Int>] {
    var cuts: [Range<Int>] = []
    var start = 0
    var bytes = 0
    for (index, entry) in entries.enumerated() {
      let isFull = index - start == mostEntries || bytes + entry.count > mostBytes
      if isFull, index > start {
        cuts.append(start..<index)
        (start, bytes) = (index, 0)
      }
      bytes += entry.count
    }
    cuts.append(start..<entries.count)
    return cuts
  }

  /// The result of a list request: the page that its cursor names, the first without one.
  func result(_ params: JSONText?) throws(RPCError) -> JSONText {
    guard let cursor = params?["cursor"] else { return page(0) }
    guard let text = cursor.string,
      let number = (1..<max(pages.count, 1)).first(where: { seal.cursor(to: $0) == text })
    else {
      throw .invalidParams("no such cursor: the list may have changed; begin without one")
    }
    return page(number)
  }

  private func page(_ number: Int) -> JSONText {
    guard number < pages.count else { return whole }
    var members = [(member, pages[number])]
    if number + 1 < pages.count {
      members.append(("nextCursor", JSONText(string: seal.cursor(to: number + 1))))
    }
    return JSONText(object: members)
  }
}

/// Cursors that say nothing and that only this run of the gateway makes, for one state of one list:
/// one that was tampered with, or that belongs to a list that has changed, leads nowhere.
private struct CursorSeal: Sendable {
  private static let key = SymmetricKey(size: .bits256)
  private let list: SHA256.Digest

  init(of list: JSONText) { self.list = SHA256.hash(data: list.bytes) }

  func cursor(to page: Int) -> String {
    var mac = HMAC<SHA256>(key: Self.key)
    mac.update(data: Array(list))
    mac.update(data: Array("\(page)".utf8))
    let digits = mac.finalize().prefix(16).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }
    return digits.joined()
  }
}
