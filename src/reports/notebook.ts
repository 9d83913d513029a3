import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { isRecord } from "../comms/states/traits.js";
import { NotebookFileError } from "./errors.js";

/** MIME type → data, as notebook files have it: text whole or in lines, pictures as base64, JSON as it is. */
export type NotebookBundle = Readonly<Record<string, unknown>>;

/** One output of a code cell, by nbformat 4. */
export type NotebookOutput =
  | { readonly output_type: "stream"; readonly name: "stdout" | "stderr"; readonly text: string }
  | {
      readonly output_type: "display_data" | "execute_result";
      readonly data: NotebookBundle;
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly execution_count?: number | null;
    }
  | {
      readonly output_type: "error";
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

export interface NotebookCell {
  readonly kind: "code" | "markdown" | "raw";
  /** The notebook's own id of it; without one `cell-NUMBER` among the code cells, or `text-cell-NUMBER` among the others. */
  readonly id: string;
  readonly source: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Pictures that a Markdown cell carries, by name. */
  readonly attachments: ReadonlyMap<string, NotebookBundle>;
  readonly outputs: readonly NotebookOutput[];
  readonly count: number | null;
}

export interface Notebook {
  /** The file's name without its folder. */
  readonly name: string;
  readonly cells: readonly NotebookCell[];
  /** The kernel's language, in lower case; `typescript` where the file says none. */
  readonly language: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The file, byte for byte; where an earlier run left something in it, without that. */
  readonly bytes: Uint8Array;
}

/**
 * Reads a notebook's file.
 *
 * @throws NotebookFileError for what is no notebook of nbformat 4
 */
export async function readNotebook(file: string): Promise<Notebook> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "is not there" : `cannot be read: ${error.message}`;
    throw new NotebookFileError(file, reason, { cause: error });
  });
  return parseNotebook(bytes, file);
}

/**
 * A notebook from the bytes of its file, which `file` names in messages.
 *
 * @throws NotebookFileError for what is no notebook of nbformat 4
 */
export function parseNotebook(bytes: Uint8Array, file: string): Notebook {
  const text = new TextDecoder().decode(bytes);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new NotebookFileError(file, `is no JSON: ${(error as Error).message}`, { cause: error });
  }
  if (!isRecord(json)) throw new NotebookFileError(file, "is no notebook: it holds no object");
  const major = json["nbformat"];
  if (major !== 4) {
    const known = typeof major === "number" ? `nbformat ${major}` : "no nbformat";
    const advice = "open and save it in JupyterLab, which writes nbformat 4";
    throw new NotebookFileError(file, `has ${known}; ${advice}`);
  }
  if (!Array.isArray(json["cells"])) throw new NotebookFileError(file, "is no notebook: it has no list of cells");
  const metadata = record(json["metadata"]);
  return {
    name: basename(file),
    cells: withIds(json["cells"].map((cell, at) => notebookCell(cell, at, file))),
    language: languageOf(metadata),
    metadata,
    bytes: withoutSaved(json, bytes),
  };
}

/** Gives cells without an id one that a text above does not move, and a second cell of an id one of its own: both would be taken for one. */
function withIds(cells: readonly NotebookCell[]): NotebookCell[] {
  const given = new Set(cells.map(({ id }) => id));
  const seen = new Set<string>();
  const counts = { code: 0, text: 0 };
  return cells.map((cell) => {
    const number = ++counts[cell.kind === "code" ? "code" : "text"];
    const wanted = cell.id || `${cell.kind === "code" ? "" : "text-"}cell-${number}`;
    let id = wanted;
    const isTaken = () => seen.has(id) || (id !== cell.id && given.has(id));
    for (let copy = 2; isTaken(); copy++) id = `${wanted}-${copy}`;
    seen.add(id);
    return { ...cell, id };
  });
}

/** Outputs, counts and widgets' states of an earlier run may hold what nobody means to publish, and say nothing of what the notebook is. */
function withoutSaved(json: Readonly<Record<string, unknown>>, bytes: Uint8Array): Uint8Array {
  const cells = json["cells"] as Readonly<Record<string, unknown>>[];
  const { widgets, ...metadata } = record(json["metadata"]);
  const isSaved = ({ outputs }: { readonly outputs?: unknown }) => Array.isArray(outputs) && outputs.length > 0;
  if (widgets === undefined && !cells.some(isSaved)) return bytes;
  const clean = cells.map((cell) =>
    cell["cell_type"] === "code" ? { ...cell, outputs: [], execution_count: null } : cell,
  );
  const text = JSON.stringify({ ...json, metadata, cells: clean }, null, 1);
  return new TextEncoder().encode(`${text}\n`);
}

/** How messages and the report name a cell: by its place from 1, and the id that its author gave it. */
export const cellName = (cell: NotebookCell, index: number): string =>
  /^[a-z][\w-]{0,30}$/.test(cell.id) && !/^(text-)?cell-\d+$/.test(cell.id) && !looksRandom(cell.id)
    ? `cell ${index + 1} (${cell.id})`
    : `cell ${index + 1}`;

/** JupyterLab gives cells eight hexadecimal digits or a UUID, which tell a reader nothing. */
const looksRandom = (id: string): boolean => /^[\da-f]{8}(-[\da-f-]+)?$/.test(id) || /\d.*\d.*\d/.test(id);

function notebookCell(json: unknown, at: number, file: string): NotebookCell {
  const place = `cell ${at + 1}`;
  if (!isRecord(json)) throw new NotebookFileError(file, `is no notebook: its ${place} is no object`);
  const kind = json["cell_type"];
  if (kind !== "code" && kind !== "markdown" && kind !== "raw") {
    const found = JSON.stringify(kind)?.slice(0, 60);
    throw new NotebookFileError(file, `has a ${place} of an unknown type, ${found}: code, markdown and raw are known`);
  }
  const metadata = record(json["metadata"]);
  const tags = Array.isArray(metadata["tags"]) ? metadata["tags"].filter((tag) => typeof tag === "string") : [];
  const outputs = kind === "code" && Array.isArray(json["outputs"]) ? json["outputs"] : [];
  const id = json["id"];
  const count = json["execution_count"];
  return {
    kind,
    id: typeof id === "string" ? id : "",
    source: joined(json["source"]),
    tags,
    metadata,
    attachments: new Map(Object.entries(record(json["attachments"])).map(([name, data]) => [name, record(data)])),
    outputs: outputs.flatMap(notebookOutput),
    count: typeof count === "number" ? count : null,
  };
}

/** An output as it is known; what is not, is none: a report shows what it understands. */
function notebookOutput(json: unknown): NotebookOutput[] {
  if (!isRecord(json)) return [];
  switch (json["output_type"]) {
    case "stream": {
      const name = json["name"] === "stderr" ? "stderr" : "stdout";
      return [{ output_type: "stream", name, text: joined(json["text"]) }];
    }
    case "display_data":
    case "execute_result": {
      const { output_type } = json;
      return [{ output_type, data: record(json["data"]), metadata: record(json["metadata"]) }];
    }
    case "error": {
      const traceback = Array.isArray(json["traceback"]) ? json["traceback"].map(String) : [];
      return [{ output_type: "error", ename: String(json["ename"]), evalue: String(json["evalue"]), traceback }];
    }
    default:
      return [];
  }
}

/** Text as notebook files have it: whole, or in lines. */
export const joined = (text: unknown): string =>
  Array.isArray(text)
    ? text.map((line) => (typeof line === "string" ? line : "")).join("")
    : typeof text === "string"
      ? text
      : "";

const record = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

function languageOf(metadata: Readonly<Record<string, unknown>>): string {
  const spec = record(metadata["kernelspec"]);
  const info = record(metadata["language_info"]);
  const language = spec["language"] ?? info["name"];
  return typeof language === "string" ? language.toLowerCase() : "typescript";
}
