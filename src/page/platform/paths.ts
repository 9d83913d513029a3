import paths from "path-browserify";

/** The other half of `kernel-helpers/platform/paths`: a page writes paths with slashes. */
export const { basename, dirname, extname, join } = paths;

/** Where a notebook lies, as far as a page knows. */
export const FOLDER = "/notebook";

/** Paths of this package begin with its name. */
export const resolve = (path: string): string =>
  path.startsWith("limpid:") ? paths.normalize(path) : paths.resolve(FOLDER, path);
