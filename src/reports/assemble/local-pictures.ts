import { readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { joined, type NotebookCell } from "../notebook.js";
import type { Pictures } from "./sanitize.js";

/** A larger picture is left out; bytes. */
const LARGEST = 20_000_000;

/** The pictures that the text of a cell may show: its attachments, and files in the notebook's folder or beneath it. */
export function picturesOf(cell: NotebookCell, folder: string): Pictures {
  return (address) => {
    const plain = decoded(address.trim());
    if (/^data:image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml)[;,]/i.test(plain)) return { url: address.trim() };
    if (plain.startsWith("attachment:")) return attachment(cell, plain.slice("attachment:".length));
    if (/^[a-z][a-z\d+.-]+:|^\/\//i.test(plain)) {
      return { reason: `the picture at ${plain.slice(0, 200)} is not in this file, which loads nothing` };
    }
    return file(plain.split(/[?#]/)[0] ?? "", folder);
  };
}

function attachment(cell: NotebookCell, name: string): ReturnType<Pictures> {
  const bundle = cell.attachments.get(name) ?? {};
  const type = Object.keys(bundle).find((mime) => /^image\/(png|jpeg|gif|webp|svg\+xml)$/.test(mime));
  if (type === undefined) return { reason: `there is no attachment "${name.slice(0, 100)}"` };
  const data = joined(bundle[type]);
  const base64 = /^\s*</.test(data) ? Buffer.from(data).toString("base64") : data.replaceAll(/[^A-Za-z\d+/=]/g, "");
  return { url: `data:${type};base64,${base64}` };
}

function file(path: string, folder: string): ReturnType<Pictures> {
  const name = path.slice(0, 200);
  if (path === "") return { reason: "no picture is named" };
  const missing = { reason: `the picture "${name}" is not beside the notebook` };
  if (isAbsolute(path) || path.includes("\0")) return missing;
  try {
    // A link may lead out of the folder.
    const [place, base] = [realpathSync(resolve(folder, path)), realpathSync(folder)];
    const within = relative(base, place);
    if (within.startsWith("..") || isAbsolute(within)) {
      return { reason: `the picture "${name}" lies outside of the notebook's folder` };
    }
    const { size } = statSync(place);
    if (size > LARGEST) return { reason: `the picture "${name}" has ${Math.round(size / 1e6)} MB, which is too large` };
    const bytes = readFileSync(place);
    const type = pictureType(bytes);
    if (type === undefined) return { reason: `"${name}" is no picture that browsers show` };
    return { url: `data:${type};base64,${bytes.toString("base64")}` };
  } catch {
    return missing;
  }
}

/** What a file is by its first bytes: its name may say anything. */
function pictureType(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 512).toString("latin1");
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF8")) return "image/gif";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image/webp";
  if (head.slice(4, 12) === "ftypavif") return "image/avif";
  return /^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/.test(head)
    ? "image/svg+xml"
    : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
