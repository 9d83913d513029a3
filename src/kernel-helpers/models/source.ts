import { fetchFile, kindOf, pathOfUrl, readFile } from "../platform/files.js";
import { dirname, extname, join } from "../platform/paths.js";
import { ModelFileError, ModelNotFoundError } from "./errors.js";

/** A model's main file and its neighbors, on disk or on the web. */
export interface ModelSource {
  /** The main file as the caller would write it; errors quote it. */
  location: string;
  /** Its extension, lower case, with the dot. */
  extension: string;
  /** Name of the model when it does not say one itself. */
  name: string;
  /** Bytes of the main file, or of the file at `relative` to it. */
  read(relative?: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** Finds `location` (file, directory with a model.json, `file:` or `http(s):` URL) without reading it yet. */
export async function openSource(location: string): Promise<ModelSource> {
  if (/^https?:/i.test(location)) return webSource(new URL(location));
  return fileSource(location.startsWith("file:") ? pathOfUrl(location) : location);
}

function webSource(url: URL): ModelSource {
  return {
    location: url.href,
    extension: extname(url.pathname).toLowerCase(),
    name: nameOf(url.pathname),
    async read(relative) {
      const address = relative === undefined ? url : new URL(relative, url);
      let response: Response;
      try {
        response = await fetchFile(address);
      } catch (cause) {
        throw new ModelNotFoundError(`${address.href} cannot be fetched: ${reasonOf(cause)}`, [], { cause });
      }
      if (!response.ok) {
        throw new ModelNotFoundError(`${address.href} cannot be fetched: ${response.status} ${response.statusText}`);
      }
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

async function fileSource(path: string): Promise<ModelSource> {
  const found = await kindOf(path);
  if (!found) throw new ModelNotFoundError(`There is no model "${path}"`);
  const file = found === "folder" ? join(path, "model.json") : path;
  return {
    location: file,
    extension: extname(file).toLowerCase(),
    name: nameOf(file),
    async read(relative) {
      const wanted = relative === undefined ? file : join(dirname(file), relative);
      try {
        return await readFile(wanted);
      } catch (cause) {
        throw new ModelFileError(`${wanted} cannot be read: ${reasonOf(cause)}`, { cause });
      }
    },
  };
}

/** `…/basic-pitch/model/model.json` is called "basic-pitch", `…/emotion.hdf5` "emotion"; by what the path says, not by where that is. */
function nameOf(path: string): string {
  const parts = path.slice(0, path.length - extname(path).length).split(/[\\/]/);
  return parts.findLast((part) => !["model", "", ".", ".."].includes(part)) ?? "model";
}

function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
}
