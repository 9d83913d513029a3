/** Hooks of Node.js' module loader, in its own thread, for the modules beside a notebook. */
import type { InitializeHook, LoadHook, ResolveHook } from "node:module";
import { fileURLToPath } from "node:url";
import { moduleOf } from "./compiled.js";
import { CHANGED, isOwnPath, ownPath, ownUrl } from "./places.js";
import { type Project, readProject } from "./project.js";

let folder = process.cwd();
let project: Project | undefined;

const current = (): Project => {
  if (!project?.isCurrent()) project = readProject(folder);
  return project;
};

export const initialize: InitializeHook<{ folder: string }> = (data) => {
  folder = data.folder;
};

export const resolve: ResolveHook = (specifier, context, next) => {
  const { parentURL = "" } = context;
  if (!parentURL.startsWith("file:") || !new URL(parentURL).searchParams.has(CHANGED)) return next(specifier, context);
  const path = ownPath(specifier, fileURLToPath(parentURL), current());
  if (path === undefined || !isOwnPath(path)) return next(specifier, context);
  return { url: ownUrl(path, current()), shortCircuit: true, importAttributes: context.importAttributes };
};

export const load: LoadHook = (url, context, next) => {
  const { protocol, searchParams } = new URL(url);
  if (protocol !== "file:" || !searchParams.has(CHANGED)) return next(url, context);
  const source = moduleOf(fileURLToPath(url), current(), context.importAttributes["type"]);
  return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
};
