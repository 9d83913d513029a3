/** Which inputs of a run are not what they were. */

import { readFile } from "node:fs/promises";
import { inputNow, LIMPID_CODE, placeOf } from "../inputs/inputs.js";
import { firstDifference, partAt } from "../inputs/parts.js";
import { cellName, type Notebook, type NotebookCell, parseNotebook } from "../notebook.js";
import type { InputFile, RunFacts } from "../provenance.js";

export interface ChangedInput {
  readonly role: InputFile["role"];
  readonly key: string;
  readonly what: "changed" | "missing" | "new";
  /** Which part of it, where that is known: `line 17`, `weight conv1/kernel`, `cell 3, line 2`. */
  readonly part?: string;
  /** That part as it was and as it is, where the report has it. */
  readonly was?: string;
  readonly is?: string;
}

/** What a report still has of a file that it was made from, by the file's key. */
export type KeptFile = (key: string) => Promise<Uint8Array | undefined>;

/**
 * Looks at every input that can be looked at before anything runs: the notebook, the lock file, code, and the files that were read.
 *
 * @param folder Where the notebook's relative paths begin.
 * @param embedded The notebook that the report holds.
 */
export async function changedInputs(
  inputs: readonly InputFile[],
  notebook: Notebook,
  embedded: Notebook,
  folder: string,
  kept: KeptFile,
): Promise<ChangedInput[]> {
  const changed: ChangedInput[] = changedCells(embedded, notebook).map((cell) => ({
    ...{ role: "notebook", key: notebook.name, what: "changed", ...cell },
  }));
  for (const input of inputs) {
    const { role, key } = input;
    if (role === "notebook") continue;
    const now = await inputNow(input, folder);
    if (now === undefined || now?.sha256 === input.sha256) continue;
    if (now === null) changed.push({ role, key, what: "missing" });
    else changed.push({ role, key, what: "changed", ...(await partOf(input, now, folder, kept)) });
  }
  return changed;
}

/** Inputs of the new run that the old one did not have. */
export function newInputs(was: readonly InputFile[], is: readonly InputFile[]): ChangedInput[] {
  const known = new Set(was.filter(({ role }) => role !== "notebook").map(({ key }) => key));
  return is
    .filter(({ role, key }) => role !== "notebook" && !known.has(key))
    .map(({ role, key }) => ({ role, key, what: "new" }));
}

/** What the first run read otherwise than the second, of what could not be looked at before: pages of the web, bytes of cells. */
export function changedReads(
  was: readonly InputFile[],
  is: readonly InputFile[],
  told: readonly ChangedInput[],
): ChangedInput[] {
  const known = new Set(told.map(({ key }) => key));
  const now = new Map(is.map((input) => [input.key, input]));
  return was.flatMap((input): ChangedInput[] => {
    const { role, key, sha256, parts } = input;
    const read = now.get(key);
    if (role === "notebook" || known.has(key) || read === undefined || read.sha256 === sha256) return [];
    const part = firstDifference(parts, read.parts);
    return [{ role, key, what: "changed", ...(part !== undefined && { part }) }];
  });
}

async function partOf(was: InputFile, is: InputFile, folder: string, kept: KeptFile): Promise<Partial<ChangedInput>> {
  const part = firstDifference(was.parts, is.parts);
  if (part === undefined) return {};
  if (was.key === LIMPID_CODE) return {};
  const single = /^line (\d+)$/.exec(part);
  if (!single) return { part };
  const index = Number(single[1]) - 1;
  const place = placeOf(was.key, folder);
  const before = await kept(was.key);
  const after = place === undefined ? undefined : await readFile(place).catch(() => undefined);
  const shown = (bytes: Uint8Array | undefined) => bytes && partAt(was.key, bytes, index)?.slice(0, 200);
  const [old, young] = [shown(before), shown(after)];
  return { part, ...(old !== undefined && { was: old }), ...(young !== undefined && { is: young }) };
}

/** The first line of each cell that is not as the report's notebook has it. */
function changedCells(was: Notebook, is: Notebook): { part: string; was?: string; is?: string }[] {
  const code = ({ cells }: Notebook) =>
    cells.map((cell, index) => ({ cell, name: cellName(cell, index) })).filter(({ cell }) => cell.kind === "code");
  const [before, after] = [code(was), code(is)];
  const byId = new Map(after.map(({ cell }) => [cell.id, cell]));
  const changed = before.flatMap(({ cell, name: part }) => {
    const now = byId.get(cell.id);
    if (now === undefined) return [{ part: `${part}, which is gone` }];
    return changedLine(cell, now).map((line) => ({ ...line, part: `${part}, ${line.part}` }));
  });
  const known = new Set(before.map(({ cell }) => cell.id));
  const added = after.flatMap(({ cell, name }) => (known.has(cell.id) ? [] : [{ part: `${name}, which is new` }]));
  return [...changed, ...added];
}

function changedLine(was: NotebookCell, is: NotebookCell): { part: string; was?: string; is?: string }[] {
  const [before, after] = [was, is].map(({ source }) => source.trimEnd().split("\n")) as [string[], string[]];
  const at = [...before, ...after].findIndex((_, line) => before[line] !== after[line]);
  if (at < 0 || (before[at] === undefined && after[at] === undefined)) return [];
  const [old, young] = [before[at], after[at]];
  return [
    { part: `line ${at + 1}`, ...(old !== undefined && { was: old }), ...(young !== undefined && { is: young }) },
  ];
}

/** What of the surroundings differs: it explains differences, and is none itself. */
export function changedSurroundings(was: RunFacts, is: RunFacts): string[] {
  const named = (facts: RunFacts): Record<string, string> => ({
    Limpid: facts.limpid,
    "Node.js": facts.node,
    TypeScript: facts.typescript,
    backend: facts.backend ? backendInWords(facts.backend) : "none",
    platform: facts.platform,
    CPU: facts.cpu,
    ...Object.fromEntries(Object.entries(facts.packages ?? {}).map(([name, version]) => [`package ${name}`, version])),
  });
  const [before, after] = [named(was), named(is)];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} was ${before[name] ?? "absent"}, is ${after[name] ?? "absent"}`);
}

function backendInWords({ name, version, libraryVersion }: NonNullable<RunFacts["backend"]>): string {
  return `${name} ${version}${libraryVersion ? ` (TensorFlow ${libraryVersion})` : ""}`;
}

/** The report's own notebook. */
export const embeddedNotebook = (bytes: Uint8Array, name: string): Notebook => parseNotebook(bytes, name);
