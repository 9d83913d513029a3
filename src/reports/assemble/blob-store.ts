import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { BlobId, ReportBlob } from "../format.js";
import { blobText } from "./elements.js";

/** What gzip must save for the page to unpack it. */
const WORTH = 0.97;

/** Collects the bytes that a report's file holds, each once. */
export class BlobStore {
  readonly #blobs = new Map<BlobId, { readonly blob: ReportBlob; readonly base64: string }>();

  /** Takes bytes and says by which id the file has them. */
  add(bytes: Uint8Array): BlobId {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const id = sha256.slice(0, 16);
    if (!this.#blobs.has(id)) {
      const packed = gzipSync(bytes, { level: 9 });
      const isSmaller = packed.length < WORTH * bytes.length;
      const encoding = isSmaller ? "gzip-base64" : "base64";
      const base64 = Buffer.from(isSmaller ? packed : bytes).toString("base64");
      this.#blobs.set(id, { blob: { id, size: bytes.length, sha256, encoding }, base64 });
    }
    return id;
  }

  /** How many characters the blobs take in the file. */
  get size(): number {
    return [...this.#blobs.values()].reduce((sum, { base64 }) => sum + base64.length, 0);
  }

  /** Takes all that another store holds. */
  take(other: BlobStore): void {
    for (const [id, entry] of other.#blobs) this.#blobs.set(id, entry);
  }

  get list(): ReportBlob[] {
    return [...this.#blobs.values()].map(({ blob }) => blob);
  }

  /** The elements of those that are chosen. */
  elements(isChosen: (id: BlobId) => boolean): string {
    const chosen = [...this.#blobs.values()].filter(({ blob }) => isChosen(blob.id));
    return chosen.map(({ blob, base64 }) => blobText(blob.id, blob.encoding, base64)).join("\n");
  }
}
