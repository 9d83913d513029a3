import * as disk from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { keyOutside } from "../resources/keys.js";
import { noteResource } from "../resources/recorder.js";

// The package finds itself by its name, from wherever in it this module was compiled or bundled to.
const root = dirname(createRequire(import.meta.url).resolve("limpid/package.json"));

/** Path of a file inside this package, wherever it is installed. */
export const packageFile = (...parts: string[]): string => join(root, ...parts);

/** The user's folder for what can be made again: `LIMPID_CACHE`, or where the system wants such things. */
function userCache(): string {
  const { LIMPID_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (LIMPID_CACHE) return resolve(LIMPID_CACHE);
  if (process.platform === "win32") return join(LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "limpid");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "limpid");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "limpid");
}

/** Path of a file of a data set that was fetched, whether it is there or not; of all data sets without a name. */
export const dataFile = (...parts: string[]): string => join(userCache(), "data", ...parts);

/** What this package carries for notebooks to read. */
const carried = ["models", "photos"].map((folder) => join(root, folder) + sep);

/** The folder that relative paths start from: a notebook's own. */
export const workingFolder = (): string => process.cwd();

/** The path of a `file:` URL. */
export const pathOfUrl = (url: string): string => fileURLToPath(url);

/** What a report's page knows a file by, without a word of where it lies on this machine. */
export function keyOf(path: string): string {
  const whole = resolve(path);
  const slashes = (text: string) => text.split(sep).join("/");
  if (carried.some((folder) => whole.startsWith(folder))) return `limpid:${slashes(relative(root, whole))}`;
  if (whole.startsWith(dataFile() + sep)) return `limpid:data/${slashes(relative(dataFile(), whole))}`;
  const near = relative(process.cwd(), whole);
  const isInside = !near.startsWith("..") && !isAbsolute(near);
  return isInside || !isAbsolute(path) ? slashes(near) : keyOutside(slashes(whole), basename(whole));
}

/** A file's bytes. Rejects as Node.js does where there is none. */
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { buffer, byteOffset, byteLength } = await disk.readFile(path);
  const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  noteResource(() => ({ key: keyOf(path), kind: "file", bytes, about: {} }));
  return bytes;
}

/** A file's text (UTF-8). */
export const readText = async (path: string): Promise<string> => new TextDecoder().decode(await readFile(path));

/** What lies at a path; undefined where nothing does. */
export async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  const found = await disk.stat(path).catch(() => undefined);
  return found?.isDirectory() ? "folder" : found?.isFile() ? "file" : undefined;
}

/** What lies in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** What lies in a folder, by name. Rejects where there is none. */
export async function listFolder(path: string): Promise<FolderEntry[]> {
  const found = await disk.readdir(path, { withFileTypes: true });
  const entries = found
    .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  noteResource(() => ({
    key: keyOf(path),
    kind: "folder",
    bytes: new TextEncoder().encode(JSON.stringify(entries)),
    about: {},
  }));
  return entries;
}

/** Writes a file whole or not at all. Rejects as Node.js does. */
export async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.${process.pid}.part`;
  try {
    const handle = await disk.open(aside, "w");
    try {
      await handle.writeFile(bytes);
      // A machine that fails after the next step has the old file or the new one, not an empty one.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await disk.rename(aside, path);
  } catch (error) {
    await disk.rm(aside, { force: true });
    throw error;
  }
}

/** Fetches a file from the web. Rejects where it cannot be reached. */
export async function fetchFile(url: URL | string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok || String(url).startsWith("data:")) return response;
  const bytes = new Uint8Array(await response.arrayBuffer());
  noteResource(() => ({ key: String(url), kind: "file", bytes, about: {} }));
  return new Response(bytes, response);
}
