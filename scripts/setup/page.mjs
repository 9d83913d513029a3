import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IS_CLONE, ROOT } from "./paths.mjs";
import { newest } from "./process.mjs";

const compiled = join(ROOT, "build", "src");
const folder = join(ROOT, "build", "bundle", "page");
const rooms = ["page", "reports", "widgets", "kernel-helpers", "explainers", "comms", "kernel"].map((room) =>
  join(compiled, room),
);

/** What a report's file carries: the script of its page with its style, and that of the page's kernel. */
const files = ["page.js", "page.css", "worker.js"];

/** Why the scripts of a report's page cannot stand for the compiled sources; what npm installed has ones that fit. */
export function stalePage() {
  if (!files.every((file) => existsSync(join(folder, file)))) return "it is not there";
  if (!IS_CLONE) return undefined;
  const before = Math.min(...files.map((file) => statSync(join(folder, file)).mtimeMs));
  return newest([...rooms, join(ROOT, "src", "widgets")]) > before
    ? "the compiled sources changed since it was made"
    : undefined;
}

/**
 * What a page does without: decoders and file formats of the author's machine, and packages that stand in the file beside the script. Whatever
 * asks for them all the same hears of it.
 */
const absent = {
  sharp: "the decoder of pictures",
  h5wasm: "the reader of Keras' HDF5 files",
  "apache-arrow": "the writer of Arrow files",
  "hyparquet-writer": "the writer of Parquet files",
  "plotly.js-cartesian-dist-min": "plotly, which stands beside this script",
  "@jupyter-widgets/base7": "ipywidgets 7",
  "@jupyter-widgets/controls7": "ipywidgets 7",
};
const withoutAbsent = {
  name: "what a page does without",
  setup(build) {
    build.onResolve({ filter: /^[@a-z]/ }, ({ path }) => {
      const name = Object.keys(absent).find((known) => path === known || path.startsWith(`${known}/`));
      return name === undefined ? undefined : { path: name, namespace: "absent" };
    });
    build.onLoad({ filter: /.*/, namespace: "absent" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`A report's page does not have ${absent[path]}`)})`,
    }));
  },
};

const common = {
  metafile: true,
  write: false,
  bundle: true,
  // Classic scripts: modules cannot be loaded from a page that was opened from a disk.
  format: "iife",
  platform: "browser",
  target: ["chrome120", "firefox121", "safari17"],
  define: { global: "globalThis" },
  // JupyterLab's outputs bring another release of it, which is larger than all that differs.
  alias: { "sanitize-html": join(ROOT, "node_modules", "sanitize-html") },
  minify: true,
  plugins: [withoutAbsent],
  legalComments: "eof",
  logLevel: "warning",
};

/** Makes the scripts; returns esbuild's accounts of what is in them. */
export async function bundlePage() {
  const { build } = await import("esbuild");
  const made = await Promise.all([
    build({
      ...common,
      entryPoints: { page: join(compiled, "page", "main.js") },
      outdir: folder,
      // The icons of buttons come as drawings; fonts would be larger than all the rest.
      loader: { ".svg": "dataurl", ".woff": "empty", ".woff2": "empty", ".ttf": "empty", ".eot": "empty" },
    }),
    build({
      ...common,
      entryPoints: { worker: join(compiled, "page", "worker", "main.js") },
      outdir: folder,
      // Error messages and the kinds of layers are read off classes' names.
      keepNames: true,
    }),
  ]);
  mkdirSync(folder, { recursive: true });
  for (const { path, contents } of made.flatMap(({ outputFiles }) => outputFiles)) {
    // Who reads meanwhile finds the file from before or the new one, never a part.
    const aside = `${path}.${process.pid}`;
    try {
      writeFileSync(aside, contents);
      renameSync(aside, path);
    } finally {
      rmSync(aside, { force: true });
    }
  }
  return made.map(({ metafile }) => metafile);
}

/** Makes the scripts where they do not fit the compiled sources. */
export async function freshPage() {
  if (stalePage() !== undefined) await bundlePage();
}

/** The scripts of a report's page, for a clone; the packed Limpid carries them. */
export const page = {
  name: "scripts of a report's page",
  missing: stalePage,
  run: async () => void (await bundlePage()),
};
