import type { JsonObject } from "../../comms/message.js";
import { decodeBlob } from "../../reports/blobs.js";
import type { BlobEncoding } from "../../reports/format.js";

/** A resource as a report's file holds it. */
export interface EmbeddedResource {
  readonly key: string;
  readonly kind: "file" | "folder" | "picture";
  readonly about: JsonObject;
  /** Its bytes as the file has them; undefined where they were left out, for `reason`. */
  readonly content?: { readonly text: string; readonly encoding: BlobEncoding };
  readonly reason?: string;
}

/** What a cell read when the report was made, by its key, and what cells write here. */
const resources = new Map<string, EmbeddedResource>();
const written = new Map<string, Uint8Array<ArrayBuffer>>();
const decoded = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

/** What was asked for is not in the report's file. */
export class NotInReportError extends Error {
  override name = "NotInReportError";
  readonly key: string;
  constructor(key: string, reason?: string) {
    super(
      `"${key}" is not in this report${reason ? `: ${reason}` : ": it holds what the notebook read when the report was made"}`,
    );
    this.key = key;
  }
}

/** Gives the page what the report's file holds. Called once, before any cell. */
export function embed(all: readonly EmbeddedResource[]): void {
  for (const resource of all) resources.set(resource.key, resource);
}

/** What lies at a key; undefined for nothing. */
export function kindAt(key: string): "file" | "folder" | undefined {
  const kind = resources.get(key)?.kind;
  if (kind === "file" || written.has(key)) return "file";
  if (kind === "folder" || key === "" || key === ".") return "folder";
  for (const other of resources.keys()) {
    if (other.startsWith(`${key} `)) return "file";
    if (other.startsWith(`${key}/`)) return "folder";
  }
  return undefined;
}

/** Whether the file holds a resource, with its bytes. */
export const holds = (key: string): boolean => resources.get(key)?.content !== undefined;

/** What the file says of a resource beside its bytes. */
export const aboutOf = (key: string): JsonObject => resources.get(key)?.about ?? {};

/** The bytes at a key. @throws NotInReportError */
export async function bytesAt(key: string): Promise<Uint8Array<ArrayBuffer>> {
  const own = written.get(key);
  if (own !== undefined) return own.slice();
  const resource = resources.get(key);
  if (resource?.content === undefined) throw new NotInReportError(key, resource?.reason);
  const { text, encoding } = resource.content;
  let bytes = decoded.get(key);
  if (bytes === undefined) {
    bytes = decodeBlob(text, encoding);
    decoded.set(key, bytes);
  }
  // Readers may change what they are given.
  return (await bytes).slice();
}

/** Keeps what a cell writes, for cells that read it: a page has no disk. */
export function keep(key: string, bytes: Uint8Array): void {
  written.set(key, new Uint8Array(bytes));
}
