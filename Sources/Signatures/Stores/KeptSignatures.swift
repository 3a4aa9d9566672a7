import Wire

/// The list of a registry that keeps signatures itself (the X-Registry-Supports-Signatures
/// extension of OpenShift's and Pulp's registries).
enum KeptSignatures {
  /// The blobs of the kind that we read; others are passed over, as the format wants it.
  static func blobs(_ bytes: [UInt8]) throws(Rejection) -> [[UInt8]] {
    do throws(FormFlaw) {
      let object = try StrictObject(
        .strict(bytes, limit: ManifestDocument.largest), at: "", others: true)
      let elements = try object.elements("signatures")
      guard elements.count <= LookasideStore.mostSignatures else {
        throw object.flaw("has more than \(LookasideStore.mostSignatures) signatures")
      }
      var blobs: [[UInt8]] = []
      for (index, element) in elements.enumerated() {
        let entry = try StrictObject(element, at: "signatures[\(index)]", others: true)
        guard try entry.integer("schemaVersion") == 2, try entry.string("type") == "atomic" else {
          continue
        }
        blobs.append(try entry.base64("content"))
      }
      return blobs
    } catch {
      throw Rejection(.registryError, "the registry's list of signatures: \(error)")
    }
  }
}
