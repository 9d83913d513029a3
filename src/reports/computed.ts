import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BlobStore } from "./assemble/blob-store.js";
import type { ReportCell, ReportManifest, ReportModel } from "./format.js";
import { hasCharts, plotlyScript, wasmBinary, workerScript } from "./page-files.js";
import type { RunRecord } from "./recorder/dump.js";
import { reasonsAgainstPage } from "./runnable.js";

/** What a page needs to compute, as the manifest names it. */
export interface ComputedParts {
  readonly manifest: Pick<ReportManifest, "resources" | "program" | "charts">;
  /** By the cells' ids, how each goes on in the page. */
  readonly replay: ReadonlyMap<string, NonNullable<ReportCell["replay"]>>;
}

const chartsOf = async (models: readonly ReportModel[], blobs: BlobStore) =>
  models.some(({ name }) => hasCharts(name)) ? { charts: blobs.add(await plotlyScript()) } : {};

/**
 * Puts into a report what its page needs to run the notebook again, and what draws charts. Where it is not to compute, the cells that could
 * not either are named all the same.
 *
 * @param nameOf how messages name a cell, by its id
 * @param models the widgets that the report shows
 * @throws PageFilesError
 */
export async function computedParts(
  record: RunRecord,
  folder: string,
  blobs: BlobStore,
  nameOf: (id: string) => string,
  models: readonly ReportModel[],
  { computes }: { readonly computes: boolean },
): Promise<ComputedParts> {
  const blobOf = async (file: string) => blobs.add(await readFile(join(folder, file)));
  const charts = await chartsOf(models, blobs);
  const cells = record.cells.map(({ id, ...cell }) => ({ ...cell, id: id ?? "", name: nameOf(id ?? "") }));
  const reasons = reasonsAgainstPage(cells);
  const replay = new Map(
    cells.flatMap(({ id, code }, at): [string, NonNullable<ReportCell["replay"]>][] => {
      const reason = reasons[at];
      if (reason !== undefined) return [[id, { reason }]];
      return computes ? [[id, { code: blobs.add(new TextEncoder().encode(code)) }]] : [];
    }),
  );
  if (!computes || models.length === 0 || reasons.every((reason) => reason !== undefined))
    return { manifest: { resources: [], ...charts }, replay };
  const resources = await Promise.all(
    record.resources.map(async ({ file, ...resource }) => ({ ...resource, blob: await blobOf(file) })),
  );
  const program = { worker: blobs.add(await workerScript()), wasm: blobs.add(await wasmBinary()) };
  return { manifest: { resources, program, ...charts }, replay };
}
