import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "../comms/message.js";
import { WIDGET_VIEW } from "../comms/states/module.js";
import type { BlobStore } from "./assemble/blob-store.js";
import type { ReportModel } from "./format.js";
import type { NotebookCell } from "./notebook.js";
import { inAllTexts } from "./private-paths.js";
import type { RunRecord } from "./recorder/dump.js";

/** The models of a run under names that each run gives them alike, and its cells, which display them under these names. */
export interface NamedModels {
  readonly models: readonly ReportModel[];
  readonly cells: readonly NotebookCell[];
  /** A text in which models have the names that they have here. */
  readonly renamed: (text: string) => string;
}

/**
 * Takes the models that a reader can come to see: those of displayed widgets, and all that these refer to.
 *
 * The kernel names models by chance. In the report they are counted in the order in which they were made, so that the same notebook gives
 * the same file.
 *
 * @param folder Where the recorder has written the binary parts.
 * @param clean Changes each text of a state.
 */
export async function namedModels(
  record: Pick<RunRecord, "models">,
  cells: readonly NotebookCell[],
  folder: string,
  blobs: BlobStore,
  clean: (text: string) => string,
): Promise<NamedModels> {
  const known = new Map(record.models.map((model) => [model.id, model]));
  const reached = new Set<string>();
  const idsIn = (value: unknown): string[] => [...new Set(textsOf(value).flatMap((text) => text.match(ID) ?? []))];
  const queue = cells.flatMap(({ outputs }) =>
    outputs.flatMap((output) => ("data" in output ? idsIn(output.data[WIDGET_VIEW]) : [])),
  );
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const model = known.get(id);
    if (model === undefined || reached.has(id)) continue;
    reached.add(id);
    queue.push(...idsIn(model.state));
  }
  const taken = record.models.filter(({ id }) => reached.has(id));
  const names = new Map(taken.map(({ id }, at) => [id, `widget-${at + 1}`]));
  const renamed = (text: string) => text.replace(ID, (id) => names.get(id) ?? id);
  const models = taken.map(
    async ({ id, name, module, version, state, buffers }): Promise<ReportModel> => ({
      ...{ id: names.get(id)!, name, module, version },
      state: inAllTexts(withoutTime(state), (text) => clean(renamed(text))) as JsonObject,
      buffers: await Promise.all(
        buffers.map(async ({ path, file }) => ({ path, blob: blobs.add(await readFile(join(folder, file))) })),
      ),
    }),
  );
  return {
    renamed,
    models: await Promise.all(models),
    cells: cells.map((cell) => ({
      ...cell,
      outputs: cell.outputs.map((output) =>
        "data" in output ? { ...output, data: inAllTexts(output.data, renamed) } : output,
      ),
    })),
  };
}

/** What a widget says of how long it took is another with each run. */
const withoutTime = (state: JsonObject): JsonObject =>
  "milliseconds" in state ? { ...state, milliseconds: null } : state;

/** A UUID with or without its lines, as kernels give them to models. */
const ID = /[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}/g;

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap(textsOf);
}
