import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { IS_CLONE, ROOT } from "./paths.mjs";
import { newest } from "./process.mjs";

const compiled = join(ROOT, "build", "src");
const folder = join(ROOT, "build", "bundle");
const rooms = ["cli", "explainers", "kernel-helpers", "comms", "reports", "runs"].map((room) => join(compiled, room));

/** The command line in few files: its four hundred modules one by one take Node a third of a second to find and read. */
export const commandLine = join(folder, "main.mjs");

/** Why the bundle cannot stand for the compiled sources; what npm installed has one that fits. */
export function staleCommandLine() {
  if (!existsSync(commandLine)) return "it is not there";
  if (!IS_CLONE) return undefined;
  const before = statSync(commandLine).mtimeMs;
  return newest(rooms) > before ? "the compiled sources changed since it was made" : undefined;
}

/** What stays a package of its own: it is shared with cells, native, CommonJS, or loaded only where it is used. */
const packages = [
  "@tensorflow/*",
  "@vscode/markdown-it-katex",
  "apache-arrow",
  "bullmq",
  "ioredis",
  "commander",
  "sharp",
  "h5wasm",
  "h5wasm/*",
  "hyparquet",
  "hyparquet-writer",
  "markdown-it",
  "numcodecs/*",
  "plotly.js-cartesian-dist-min",
  "sanitize-html",
  "shiki",
  "shiki/*",
  "typescript",
  "@zarrita/*",
  "zarrita",
  "zeromq",
];

/** Makes the bundle of the command line; returns esbuild's account of what is in it. */
export async function bundleCommandLine() {
  // A command that starts meanwhile finds the bundle from before, or none, but never a part of one.
  const fresh = `${folder}-${process.pid}`;
  const { build } = await import("esbuild");
  const { metafile } = await build({
    metafile: true,
    entryPoints: [join(compiled, "cli", "main.js")],
    outdir: fresh,
    outExtension: { ".js": ".mjs" },
    chunkNames: "part-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: packages,
    // Error messages and the kinds of layers are read off classes' names.
    keepNames: true,
    legalComments: "eof",
    logLevel: "warning",
  });
  // What else lies there was made by other steps.
  const page = join(folder, "page");
  if (existsSync(page)) renameSync(page, join(fresh, "page"));
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return metafile;
}

/** The bundle of the command line, for a clone; the packed Limpid carries it. */
export const bundle = {
  name: "bundle of the command line",
  missing: staleCommandLine,
  run: async () => {
    await bundleCommandLine();
  },
};

/** Writes the licences of the packages whose code is in bundles: they are passed on in another form than npm's. */
export function writeLicenses(...metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const names = inputs.map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean);
  const texts = [...new Set(names)].sort().map((name) => {
    const place = join(ROOT, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
    const file = readdirSync(place).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? "" : `\n\n${readFileSync(join(place, file), "utf8").trim()}`;
    return `${name} ${version}: ${license}${text}\n`;
  });
  writeFileSync(join(folder, "LICENSES.txt"), texts.join(`\n${"-".repeat(78)}\n\n`));
}

/**
 * tfjs-node in two files, and the sources of its addon. It is no dependency of the packed Limpid, because its install script
 * downloads a library, and where it cannot the whole installation fails; the set-up builds the addon.
 */
export async function bundleTfjsNode() {
  const { build } = await import("esbuild");
  const require = createRequire(join(ROOT, "package.json"));
  const { metafile } = await build({
    metafile: true,
    entryPoints: {
      "tfjs-node": require.resolve("@tensorflow/tfjs-node"),
      "tfjs-node-messages": require.resolve("@tensorflow/tfjs-node/dist/proto/api_pb.js"),
    },
    outdir: folder,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    external: ["@tensorflow/tfjs", "@tensorflow/tfjs-core", "@tensorflow/tfjs-layers"],
    alias: { "@mapbox/node-pre-gyp": join(ROOT, "scripts", "setup", "addon.mjs") },
    define: { "import.meta.url": "moduleUrl" },
    banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
    keepNames: true,
    legalComments: "eof",
    logLevel: "warning",
  });
  const source = join(ROOT, "node_modules", "@tensorflow", "tfjs-node", "binding");
  cpSync(source, join(folder, "binding"), { recursive: true });
  return metafile;
}
