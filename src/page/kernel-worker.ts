import type { ReportManifest } from "../reports/format.js";
import { blobBytes, blobContent } from "./document.js";
import type { EmbeddedResource } from "./platform/embedded.js";

/** A worker with the page's kernel, which waits for its start. */
export async function kernelWorker({ worker }: NonNullable<ReportManifest["program"]>): Promise<Worker> {
  const address = URL.createObjectURL(new Blob([await blobBytes(worker)], { type: "text/javascript" }));
  const made = new Worker(address);
  // It has read its script when it speaks, or has failed to.
  const revoke = () => URL.revokeObjectURL(address);
  made.addEventListener("message", revoke, { once: true });
  made.addEventListener("error", revoke, { once: true });
  return made;
}

/** What the kernel of a report can read. */
export const resourcesOf = ({ resources }: ReportManifest): EmbeddedResource[] =>
  resources.map(({ key, kind, about, blob, reason }) => ({
    ...{ key, kind, about },
    ...(blob !== undefined && { content: blobContent(blob) }),
    ...(reason !== undefined && { reason }),
  }));
