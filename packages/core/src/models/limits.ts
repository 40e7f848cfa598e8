/** Limits of the wire that are the same on every node, whatever its configuration says. */
export const limits = {
  /** Items in one batch request; one more is a wrong envelope. */
  batchItems: 10_000,
  /** Characters of an id. */
  idLength: 255,
  metadataEntries: 64,
  /** UTF-8 bytes of all metadata names and values together. */
  metadataBytes: 16 * 1024,
  urlLength: 2048,
  /** Fields of a replicated instance that this node does not know, and characters of all of them as JSON. */
  extraFields: 64,
  extraLength: 16 * 1024,
  /** Longest lease in seconds. A removed instance must be remembered for at least twice this long. */
  leaseTtlSecs: 1_500,
  /** Longest `wait` of a request. */
  waitSecs: 60,
  /** Services in one page of `services.json`. */
  servicesPage: 10_000,
  /** Characters of JSON in one answer to a lookup of several services. */
  lookupBytes: 32 * 1024 * 1024,
  /** Buckets in one request for digests. */
  digestPaths: 1024,
  /** Records in one page of `records.json`. */
  recordsPage: 10_000,
} as const;
