/** What goes into a run: the files, by hash. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, join, posix, relative, resolve, sep } from "node:path";
import { dataFile, packageFile } from "../../kernel-helpers/platform/files.js";
import type { Notebook } from "../notebook.js";
import type { InputFile, InputRole } from "../provenance.js";
import { specifiersIn } from "../variables.js";
import { partsOf, type WeightPlace, weightPlaces } from "./parts.js";

/** The lock file that may lie beside a notebook. */
export const LOCK_FILE = "package-lock.json";

/** A file that was read while the notebook ran. */
export interface ReadResource {
  readonly key: string;
  readonly kind: "file" | "folder" | "picture";
  readonly bytes: Uint8Array;
}

/**
 * All that went into a run of a notebook in a folder.
 *
 * @param reads What cells read with Node.js' own functions.
 * @param code JavaScript of the cells, which says what modules beside the notebook they import.
 */
export async function inputsOf(
  notebook: Notebook,
  folder: string,
  resources: readonly ReadResource[],
  reads: readonly InputFile[],
  code: readonly string[],
): Promise<InputFile[]> {
  const own = await readable(join(folder, LOCK_FILE));
  const files = [
    inputFile("notebook", notebook.name, notebook.bytes),
    ...(own ? [inputFile("lock file", LOCK_FILE, own)] : []),
    ...(await localModules(code, folder)),
    inputFile("code", LIMPID_CODE, await limpidCode()),
  ];
  const weights = new Map(
    resources
      .filter(({ key, kind }) => kind === "file" && posix.basename(key).endsWith(".json"))
      .flatMap(({ key, bytes }) =>
        [...weightPlaces(bytes)].map(([path, places]) => [beside(key, path), places] as const),
      ),
  );
  const read = await Promise.all(resources.map((resource) => resourceFile(resource, folder, weights)));
  // What a helper read in its own way is known better by it.
  const all = new Map([...reads, ...files, ...read.flatMap((file) => file ?? [])].map((file) => [file.key, file]));
  return [...all.values()];
}

/** By what Limpid's own compiled code is known: the hash is that of all its files. */
export const LIMPID_CODE = "limpid:build";

const beside = (key: string, path: string): string => posix.join(posix.dirname(key), path);

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function inputFile(role: InputRole, key: string, bytes: Uint8Array, weights?: readonly WeightPlace[]): InputFile {
  const parts = role === "data" || role === "code" || weights ? partsOf(key, bytes, weights) : undefined;
  return { role, key, bytes: bytes.length, sha256: hashOf(bytes), ...(parts && { parts }) };
}

async function resourceFile(
  { key, kind, bytes }: ReadResource,
  folder: string,
  weights: ReadonlyMap<string, readonly WeightPlace[]>,
): Promise<InputFile | undefined> {
  if (kind === "folder") return inputFile("folder", key, bytes);
  if (kind === "file") return inputFile(roleOf(key), key, bytes, weights.get(key));
  // A decoded picture: its file, where there is one that a later run can look at; else its pixels.
  const file = fileOfPicture(key);
  const source = placeOf(file, folder);
  const encoded = source && (await readable(source));
  return encoded ? inputFile("picture", file, encoded) : inputFile("picture", key, bytes);
}

/** A decoded picture's key is its file's, a space, and how it was decoded. */
const fileOfPicture = (key: string): string => key.replace(/ \{.*$/s, "");

const MODEL = [".h5", ".hdf5", ".keras", ".bin", ".safetensors", ".onnx"];

function roleOf(key: string): InputRole {
  const isModel = /(^|\/)model\.json$/.test(key) || MODEL.includes(extname(key).toLowerCase());
  return isModel ? "model" : /\.(png|jpe?g|gif|webp|avif|tiff?|svg)$/i.test(key) ? "picture" : "data";
}

/** Where a file of that key lies on this machine; undefined where no key says that. */
export function placeOf(key: string, folder: string): string | undefined {
  if (key.startsWith("limpid:data/")) return dataFile(...key.slice("limpid:data/".length).split("/"));
  if (key.startsWith("limpid:")) return packageFile(...key.slice("limpid:".length).split("/"));
  if (/^[a-z][a-z+.-]+:/i.test(key)) return undefined;
  return join(folder, ...key.split("/"));
}

/** The file of an input as it is now, in the same form; null where it is gone, undefined where it cannot be looked for. */
export async function inputNow(input: InputFile, folder: string): Promise<InputFile | null | undefined> {
  const { role, key } = input;
  if (key === LIMPID_CODE) return inputFile("code", key, await limpidCode());
  const place = placeOf(key, folder);
  if (place === undefined) return undefined;
  if (role === "folder") {
    const found = await readdir(place, { withFileTypes: true }).catch(() => undefined);
    return found ? inputFile(role, key, listing(found)) : null;
  }
  const bytes = await readable(place);
  if (bytes === undefined) return null;
  return inputFile(role, key, bytes, input.parts?.unit === "weight" ? await weightsBeside(place) : undefined);
}

/** As `listFolder` of the notebook's helpers notes it. */
function listing(found: readonly { readonly name: string; isDirectory(): boolean }[]): Uint8Array {
  const entries = found.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  return new TextEncoder().encode(JSON.stringify(entries.sort((a, b) => (a.name < b.name ? -1 : 1))));
}

async function weightsBeside(file: string): Promise<readonly WeightPlace[] | undefined> {
  const folder = dirname(file);
  const name = relative(folder, file).split(sep).join("/");
  for (const json of (await readdir(folder)).filter((entry) => entry.endsWith(".json"))) {
    const found = weightPlaces(await readFile(join(folder, json))).get(name);
    if (found) return found;
  }
  return undefined;
}

const readable = (path: string): Promise<Uint8Array | undefined> => readFile(path).catch(() => undefined);

/** Modules beside the notebook that cells import, and those that these import. */
async function localModules(code: readonly string[], folder: string): Promise<InputFile[]> {
  const found = new Map<string, InputFile>();
  const visit = async (specifier: string, from: string): Promise<void> => {
    const wanted = resolve(from, specifier);
    const candidates = [
      wanted,
      wanted.replace(/\.js$/, ".ts"),
      `${wanted}.ts`,
      `${wanted}.js`,
      join(wanted, "index.ts"),
    ];
    for (const path of candidates) {
      const bytes = await readable(path);
      if (bytes === undefined) continue;
      const key = relative(folder, path).split(sep).join("/");
      // What lies outside would tell how the author's disk is arranged.
      if (key.startsWith("..") || found.has(key)) return;
      found.set(key, inputFile("code", key, bytes));
      for (const next of importsIn(new TextDecoder().decode(bytes))) await visit(next, dirname(path));
      return;
    }
  };
  for (const cell of code) {
    for (const specifier of specifiersIn(cell)) if (/^\.{1,2}\//.test(specifier)) await visit(specifier, folder);
  }
  return [...found.values()];
}

const importsIn = (source: string): string[] =>
  [...source.matchAll(/\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g)].map(([, specifier]) => specifier!);

let ownCode: Promise<Uint8Array> | undefined;

/** The hashes of all JavaScript that Limpid consists of in a kernel, by path: what changes with any line of it. */
function limpidCode(): Promise<Uint8Array> {
  ownCode ??= (async () => {
    const root = packageFile("build", "src");
    const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith(".js"));
    // What only a page or a command runs computes nothing in a notebook.
    const computing = names
      .map((name) => name.split(sep).join("/"))
      .filter((name) => /^(comms|explainers|kernel-helpers|kernel)\//.test(name));
    const lines = await Promise.all(
      computing.sort().map(async (name) => `${hashOf(await readFile(join(root, name)))} ${name}\n`),
    );
    return new TextEncoder().encode(lines.join(""));
  })();
  return ownCode;
}
