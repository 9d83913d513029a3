/** The other half of `kernel-helpers/platform/files`: what a report's file holds stands for the disk. */
import type { FolderEntry } from "../../kernel-helpers/platform/files.js";
import { keyOutside } from "../../kernel-helpers/resources/keys.js";
import { bytesAt, holds, keep, kindAt, NotInReportError } from "./embedded.js";
import { basename, FOLDER, join, resolve } from "./paths.js";

export const packageFile = (...parts: string[]): string => `limpid:${join(...parts)}`;

export const dataFile = (...parts: string[]): string => packageFile("data", ...parts);

export const workingFolder = (): string => "this report's page";

export const pathOfUrl = (url: string): string => decodeURIComponent(new URL(url).pathname);

export function keyOf(path: string): string {
  const whole = resolve(path);
  if (whole.startsWith("limpid:")) return whole;
  if (whole === FOLDER) return "";
  if (whole.startsWith(`${FOLDER}/`)) return whole.slice(FOLDER.length + 1);
  return path.startsWith("/") ? keyOutside(whole, basename(whole)) : path;
}

export const readFile = (path: string): Promise<Uint8Array<ArrayBuffer>> => bytesAt(keyOf(path));

export const readText = async (path: string): Promise<string> => new TextDecoder().decode(await readFile(path));

export const kindOf = async (path: string): Promise<"file" | "folder" | undefined> => kindAt(keyOf(path));

export async function listFolder(path: string): Promise<FolderEntry[]> {
  return JSON.parse(new TextDecoder().decode(await bytesAt(keyOf(path)))) as FolderEntry[];
}

export async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  keep(keyOf(path), bytes);
}

export async function fetchFile(url: URL | string): Promise<Response> {
  const text = String(url);
  if (text.startsWith("data:")) return fetch(text);
  if (!holds(text)) throw new NotInReportError(text, "a report's page asks the network for nothing");
  return new Response(await bytesAt(text));
}
