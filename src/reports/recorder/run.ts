/** The recorder of `limpid report`, in the process of the kernel that runs the notebook. */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { arch, cpus, platform } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { removeBuffers } from "../../comms/buffers.js";
import { currentHost } from "../../comms/host.js";
import { widgetRegistry } from "../../comms/widget-registry.js";
import { LimpidError } from "../../explainers/errors.js";
import { keyOf } from "../../kernel-helpers/platform/files.js";
import { listenToNodeParts, listenToResources, type Resource } from "../../kernel-helpers/resources/recorder.js";
import { backendInfo } from "../../kernel-helpers/tensorflow/backend.js";
import { bytesOf } from "../ledger/bytes.js";
import { precomputed } from "../precompute/precompute.js";
import type { RunFacts } from "../provenance.js";
import { specifiersIn } from "../variables.js";
import { COSTS_FILE, type FinishOptions, RECORD_FILE, type RunRecord } from "./dump.js";
import { type NotebookRecording, type RecordedCell, recordCells } from "./recording.js";
import { type WatchedFiles, watchFiles } from "./watched-files.js";

/** A run is to be recorded twice at once, or written down without having been recorded. */
export class RecordingError extends LimpidError {}

interface Running {
  readonly recording: NotebookRecording;
  readonly resources: Map<string, Resource>;
  /** By a cell's place, a part that it used and pages do not have. */
  readonly needs: ReadonlyMap<number, string>;
  readonly files: WatchedFiles;
  readonly started: Date;
}

let running: Running | undefined;

/**
 * Records the notebook from the next cell on: its values, its compiled cells, what it reads. For reporters, as a silent request.
 *
 * @throws RecordingError where it is recorded already
 */
export function startRecording(): void {
  if (running) throw new RecordingError("This notebook is being recorded already: finishRecording ends it");
  const host = currentHost();
  if (host === undefined) throw new RecordingError("A notebook is recorded in a kernel; there is none here");
  const resources = new Map<string, Resource>();
  listenToResources((resource) => resources.set(resource.key, resource));
  const recording = recordCells(host, withoutPath);
  const needs = new Map<number, string>();
  // A cell is recorded when it has ended: the one that runs comes behind those.
  listenToNodeParts((part) => needs.set(recording.cells.length, part));
  running = {
    ...{ recording, resources, needs },
    files: watchFiles(process.cwd()),
    started: new Date(),
  };
}

/** A text that is a whole path of this machine, as the key of what lies there. */
const withoutPath = (text: string): string =>
  text.length < LONGEST_PATH && isAbsolute(text) && !text.includes("\n") && existsSync(text) ? keyOf(text) : text;

const LONGEST_PATH = 4096;

/**
 * Ends the recording and writes it into `folder`: `record.json` (`RunRecord`) and the files that it names.
 *
 * @throws RecordingError where nothing is recorded
 */
export async function finishRecording(folder: string, { precompute = true }: FinishOptions = {}): Promise<void> {
  if (!running) throw new RecordingError("This notebook is not being recorded: startRecording begins it");
  const { recording, resources, needs, files, started } = running;
  running = undefined;
  listenToResources(undefined);
  listenToNodeParts(undefined);
  recording.end();
  files.end();
  await mkdir(folder, { recursive: true });
  const record: RunRecord = {
    cells: recording.cells.map((cell, at) => (needs.has(at) ? { ...cell, needs: needs.get(at)! } : cell)),
    models: await writeStates(folder),
    resources: await writeResources(folder, resources.values()),
    reads: files.read(),
    wishes: precompute ? await writeOutcomes(folder, recording) : [],
    facts: factsOf(recording.cells, started),
  };
  await writeFile(join(folder, RECORD_FILE), JSON.stringify(record));
}

/** Computes what `report.precompute` was asked for: behind everything else, so that the shown states are written already. */
async function writeOutcomes(folder: string, { wishes }: NotebookRecording): Promise<RunRecord["wishes"]> {
  const outcomes = await precomputed(wishes, widgetRegistry(currentHost()!.comms), (words) =>
    appendFileSync(join(folder, COSTS_FILE), `${words}\n`),
  );
  return Promise.all(
    outcomes.map(async ({ bytes, ...outcome }, index) => {
      if (bytes === undefined) return outcome;
      const file = `table-${index}.bin`;
      await writeFile(join(folder, file), bytes);
      return { ...outcome, file };
    }),
  );
}

/** The states of all live widgets; their binary parts become files. */
async function writeStates(folder: string): Promise<RunRecord["models"]> {
  const { comms } = currentHost()!;
  const models: RunRecord["models"][number][] = [];
  let files = 0;
  for (const [id, wire] of widgetRegistry(comms).states()) {
    const { state, buffer_paths, buffers } = removeBuffers(wire);
    const { _model_name: name, _model_module: module, _model_module_version: version } = state;
    const written = buffer_paths.map(async (path, index) => {
      const file = `state-${files++}.bin`;
      await writeFile(join(folder, file), bytesOf(buffers[index]!));
      return { path, file };
    });
    models.push({
      id,
      name: String(name),
      module: String(module),
      version: String(version),
      state,
      buffers: await Promise.all(written),
    });
  }
  return models;
}

async function writeResources(folder: string, resources: Iterable<Resource>): Promise<RunRecord["resources"]> {
  return Promise.all(
    [...resources].map(async ({ key, kind, bytes, about }, index) => {
      const file = `resource-${index}.bin`;
      await writeFile(join(folder, file), bytes);
      return { key, kind, about, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length, file };
    }),
  );
}

function factsOf(cells: readonly RecordedCell[], started: Date): RunFacts {
  const backend = backendInfo();
  const require = createRequire(import.meta.url);
  const version = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;
  return {
    started: started.toISOString(),
    seconds: (Date.now() - started.getTime()) / 1000,
    ...{ limpid: version("limpid"), typescript: version("typescript"), node: process.versions.node },
    ...(backend && {
      backend: {
        ...{ name: backend.name, version: backend.version },
        ...(backend.libraryVersion && { libraryVersion: backend.libraryVersion }),
      },
    }),
    platform: `${platform()} ${arch()}`,
    cpu: `${cpus().length} × ${cpus()[0]?.model.trim() || "unknown"}`,
    packages: packagesOf(cells),
    seeds: Object.fromEntries(
      cells
        .map(({ id, source }, index) => [id ?? `cell-${index + 1}`, seedsIn(source)])
        .filter(([, seeds]) => seeds!.length > 0),
    ),
  };
}

/** Numbers given as seeds: `seed: 7`, `seed = 7`. */
const seedsIn = (source: string): number[] =>
  [...source.matchAll(/\bseed\b["']?\s*[:=]\s*(-?\d[\d_]*)/g)].map(([, digits]) => Number(digits!.replaceAll("_", "")));

/** Versions of the packages that cells import, looked for as the kernel does: from the notebook's folder up, then as Limpid's own. */
function packagesOf(cells: readonly RecordedCell[]): Record<string, string> {
  const names = cells
    .flatMap(({ code }) => specifiersIn(code))
    .filter((specifier) => !/^(\.{0,2}\/|#|[a-z]+:)/i.test(specifier) && !isBuiltin(specifier))
    .map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0])
    .filter((name) => name !== "limpid");
  const roots = [
    ...upwards(process.cwd()),
    ...upwards(dirname(createRequire(import.meta.url).resolve("limpid/package.json"))),
  ];
  const found = [...new Set(names)].sort().flatMap((name) => {
    const file = roots.map((root) => join(root, "node_modules", name, "package.json")).find(existsSync);
    return file ? [[name, String((JSON.parse(readFileSync(file, "utf8")) as { version?: unknown }).version)]] : [];
  });
  return Object.fromEntries(found) as Record<string, string>;
}

function upwards(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}
