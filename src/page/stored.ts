import type { ReportManifest } from "../reports/format.js";
import { blobBytes, viewElement } from "./document.js";
import type { PageManager } from "./manager.js";

/** Shows every widget as the notebook left it; returns for each view what takes it away. Errors go to the console, view by view. */
export async function showStored(manifest: ReportManifest, manager: PageManager): Promise<Map<number, () => void>> {
  const bytes = new Map<string, Promise<Uint8Array>>();
  const bytesOf = (blob: string) => {
    const found = bytes.get(blob) ?? blobBytes(blob);
    bytes.set(blob, found);
    return found;
  };
  const models = await Promise.all(
    manifest.models.map(async ({ buffers, ...model }) => ({
      ...model,
      buffers: await Promise.all(buffers.map(async ({ path, blob }) => ({ path, bytes: await bytesOf(blob) }))),
    })),
  );
  await manager.restore(models);
  const shown = new Map<number, () => void>();
  for (const [index, view] of manifest.views.entries()) {
    const place = viewElement(index);
    if (place === null) continue;
    try {
      // Of its own, so that its lock goes with it when what lives takes its place; the picture stays until it is whole.
      const stored = document.createElement("div");
      place.append(stored);
      shown.set(index, await manager.show(view.model, stored));
      place.replaceChildren(stored);
      place.dataset["state"] = "stored";
    } catch (error) {
      console.error(error);
    }
  }
  return shown;
}
