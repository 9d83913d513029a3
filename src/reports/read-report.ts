import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isRecord } from "../comms/states/traits.js";
import { decodeBlob } from "./blobs.js";
import { ReportFileError } from "./errors.js";
import { type BlobId, blobElement, PARTS, REPORT_FORMAT, type ReportManifest } from "./format.js";
import type { Ledger } from "./ledger/records.js";
import { readProvenance } from "./provenance.js";

/** A report's file, as far as Node asks it. */
export interface ReadReport {
  readonly file: string;
  readonly manifest: ReportManifest;
  /** Undefined in reports that ran nothing. */
  readonly ledger: Ledger | undefined;
  /** JSON-LD as it stands in the file. */
  readonly provenance: unknown;
  readonly run: ReturnType<typeof readProvenance>;
  /** @throws ReportFileError where the file does not have it whole */
  blob(id: BlobId): Promise<Uint8Array>;
}

/**
 * Reads what a report holds beside what it shows; runs nothing of it.
 *
 * @throws ReportFileError for a file that is none
 */
export async function readReport(file: string): Promise<ReadReport> {
  const html = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "is not there" : `cannot be read: ${error.message}`;
    throw new ReportFileError(file, reason, { cause: error });
  });
  const manifest = jsonIn(html, PARTS.manifest, file);
  if (manifest === undefined) {
    throw new ReportFileError(file, "is no report: `limpid report NOTEBOOK` makes one that can be asked");
  }
  const format = isRecord(manifest) ? manifest["format"] : undefined;
  if (format !== REPORT_FORMAT) {
    throw new ReportFileError(file, `has the format ${String(format)}, and this Limpid reads ${REPORT_FORMAT}`);
  }
  if (!isManifest(manifest)) throw new ReportFileError(file, `is damaged: its part ${PARTS.manifest} is not whole`);
  const provenance = jsonIn(html, PARTS.provenance, file);
  return {
    ...{ file, manifest, ledger: jsonIn(html, PARTS.ledger, file) as Ledger | undefined, provenance },
    run: readProvenance(provenance),
    async blob(id) {
      const stated = manifest.blobs.find((blob) => blob.id === id);
      const text = stated && textIn(html, blobElement(id));
      const bytes = text === undefined ? undefined : await decodeBlob(text, stated!.encoding).catch(() => undefined);
      if (bytes === undefined || createHash("sha256").update(bytes).digest("hex") !== stated!.sha256) {
        throw new ReportFileError(file, `is damaged: its part ${id} is not there or not whole`);
      }
      return bytes;
    },
  };
}

/** Whether what Node asks of a manifest is there, in the form that it has. */
function isManifest(value: unknown): value is ReportManifest {
  if (!isRecord(value)) return false;
  const { notebook, lockFile, parameters, blobs, resources, cells } = value;
  const isPart = (part: unknown) =>
    isRecord(part) && typeof part["name"] === "string" && typeof part["blob"] === "string";
  return (
    isPart(notebook) &&
    (lockFile === undefined || isPart(lockFile)) &&
    Array.isArray(cells) &&
    Array.isArray(parameters) &&
    parameters.every((pair) => Array.isArray(pair) && typeof pair[0] === "string") &&
    Array.isArray(resources) &&
    resources.every((resource) => isRecord(resource) && typeof resource["key"] === "string") &&
    Array.isArray(blobs) &&
    blobs.every((blob) => isRecord(blob) && /^[\da-f]{16}$/.test(String(blob["id"])))
  );
}

/** The text of the script element of that id; nothing in such an element can hold its end. */
function textIn(html: string, id: string): string | undefined {
  const start = html.search(new RegExp(`<script type="[a-z/+-]+" id="${id}"`));
  if (start < 0) return undefined;
  const from = html.indexOf(">", start) + 1;
  const to = html.indexOf("</script>", from);
  return to < 0 ? undefined : html.slice(from, to);
}

function jsonIn(html: string, id: string, file: string): unknown {
  const text = textIn(html, id);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ReportFileError(file, `is damaged: its part ${id} is no JSON`, { cause });
  }
}
