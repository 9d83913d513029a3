import { decodeBlob } from "../reports/blobs.js";
import { type BlobEncoding, type BlobId, blobElement, PARTS, type ReportManifest } from "../reports/format.js";
import type { Ledger } from "../reports/ledger/records.js";

/** The report's file lacks a part, or this script cannot read it. */
class DamagedReportError extends Error {
  override name = "DamagedReportError";
}

/** A part of the report that is JSON. @throws DamagedReportError */
function jsonPart<T>(id: string): T {
  const text = document.getElementById(id)?.textContent;
  if (text === null || text === undefined) throw new DamagedReportError(`This file has no part "${id}"`);
  return JSON.parse(text) as T;
}

export const readManifest = (): ReportManifest => jsonPart<ReportManifest>(PARTS.manifest);

/** What the notebook computed when the report was made; undefined where nothing was run. */
export const readLedger = (): Ledger | undefined =>
  document.getElementById(PARTS.ledger) === null ? undefined : jsonPart<Ledger>(PARTS.ledger);

/** A blob as the file has it. @throws DamagedReportError */
export function blobContent(blob: BlobId): { text: string; encoding: BlobEncoding } {
  const holder = document.getElementById(blobElement(blob));
  if (holder === null) throw new DamagedReportError(`This file has no blob "${blob}"`);
  return { text: holder.textContent, encoding: (holder.dataset["encoding"] ?? "base64") as BlobEncoding };
}

/** A blob's bytes. @throws DamagedReportError, TypeError */
export function blobBytes(blob: BlobId): Promise<Uint8Array<ArrayBuffer>> {
  const { text, encoding } = blobContent(blob);
  return decodeBlob(text, encoding);
}

export const blobString = async (blob: BlobId): Promise<string> => new TextDecoder().decode(await blobBytes(blob));

/** The page's own element of a view, by its place in the manifest's list. */
export const viewElement = (view: number): HTMLElement | null => document.querySelector(`[data-view="${view}"]`);

/** The page's own element of a cell, by its place in the manifest's list. */
export const cellElement = (cell: number): HTMLElement | null => document.querySelector(`[data-cell="${cell}"]`);
