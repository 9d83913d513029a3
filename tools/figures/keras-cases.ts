import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { unzipSync } from "fflate";
import { LimpidError } from "../../src/explainers/errors.js";
import { atProbability, release, sensitivity } from "../../src/explainers/index.js";
import { loadModel, tensorflow } from "../../src/kernel-helpers/index.js";

/*
 * What Keras saved and what it computed, as tools/goldens/make-keras-fixtures.py keeps it, and what Limpid makes of that.
 */

type Tensor = ReturnType<Awaited<ReturnType<typeof tensorflow>>["tensor"]>;

interface KerasInput {
  shape: number[];
  dtype: "float32" | "int32" | "int64" | "bool";
  /** The largest of whole numbers. */
  top: number;
  /** Whether some steps are zero. */
  padded: boolean;
}

/** A small model, or a whole one: its inputs, and what Keras computes for them. */
export interface KerasCase {
  name: string;
  /** The layer class, operation or model that it is about. */
  layer?: string;
  operation?: string;
  model?: string;
  /** Of a layer, its configuration. */
  settings?: { [setting: string]: unknown };
  /** Absent where the input are words. */
  inputs?: KerasInput[];
  seed: number;
  outputs: { shape: number[]; values: number[] }[];
  /** Of the first output's first entry by the first sample of each input, every `step`-th entry; null where there is none. */
  gradients: { step: number; values: number[] }[] | null;
}

/** All that is known of one version of Keras. */
export interface KerasGoldens {
  /** Keras' own version. */
  version: string;
  cases: KerasCase[];
  /** The layer classes that Keras exports, and what each is called itself. */
  classes: { [exported: string]: string };
  /** Cases that Keras itself refuses to build, compute or save. */
  errors: { [name: string]: string };
  /** The files that Keras saved. */
  files: { [name: string]: Uint8Array };
}

/** Reads the archive of Keras 2 or 3. */
export function readKerasGoldens(version: 2 | 3): KerasGoldens {
  // Compiled, this file is two folders deeper than the project's.
  const path = new URL(`../../../test/kernel-helpers/models/keras/keras${version}.zip.br`, import.meta.url);
  const { "golden.json": golden, ...files } = unzipSync(brotliDecompressSync(readFileSync(path)));
  const { cases, ...rest } = JSON.parse(new TextDecoder().decode(golden)) as Omit<KerasGoldens, "cases" | "files"> & {
    cases: { [name: string]: Omit<KerasCase, "name"> };
  };
  return { ...rest, files, cases: Object.entries(cases).map(([name, given]) => ({ name, ...given })) };
}

/** Writes a case's files into `folder`, and gives their paths. */
export async function writeFiles(folder: string, { files }: KerasGoldens, { name }: KerasCase): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const names = [".keras", ".h5"].map((extension) => name + extension).filter((file) => files[file]);
  for (const file of names) await writeFile(join(folder, file), files[file]!);
  return names.map((file) => join(folder, file));
}

/** The formula of make-keras-fixtures.py. */
export function inputValues({ shape, dtype, top, padded }: KerasInput, seed: number): number[] {
  const size = shape.reduce((all, one) => all * one, 1);
  const drawn = Array.from({ length: size }, (_, place) => {
    const number = place * 7919 + seed * 104729 + place * place * 31;
    return ((number % 12289) - 6144) / 4096;
  });
  if (dtype !== "float32") return drawn.map((value) => Math.floor((value + 1.5) * 1024) % (top + 1));
  if (!padded || shape.length < 3) return drawn;
  const step = shape.slice(2).reduce((all, one) => all * one, 1);
  drawn.fill(0, (shape[1]! - 1) * step, shape[1]! * step);
  return drawn.fill(0, (shape[1]! + 1) * step, (shape[1]! + 2) * step);
}

/** What Limpid makes of one file. */
export interface Verdict {
  /** The largest error of the outputs, relative to the largest output and 1; absent where the file is refused. */
  error?: number;
  /** As much of the gradient; absent where there is none, or it is refused. */
  gradientError?: number;
  /** What a refusal says, of the file or of its explanation. */
  refusal?: string;
}

/** Loads a file of a case, and compares outputs and gradient with Keras'. */
export async function judge(path: string, given: KerasCase): Promise<Verdict> {
  const tf = await tensorflow();
  const verdict: Verdict = {};
  const inputs = (given.inputs ?? []).map((input, index) =>
    tf.tensor(inputValues(input, given.seed + index), input.shape, dtypeOf(input)),
  );
  try {
    verdict.error = 0;
    for (const [select, output] of given.outputs?.entries() ?? []) {
      const model = await loadModel(path, given.outputs.length > 1 ? { select } : {});
      try {
        const found = model.predict(inputs.length === 1 ? inputs[0]! : inputs);
        if (String(found.shape) !== String(output.shape)) throw new Error(`[${found.shape}] is not [${output.shape}]`);
        verdict.error = Math.max(verdict.error, distance(await found.data(), output.values, 1));
        found.dispose();
        if (select === 0 && given.gradients)
          Object.assign(verdict, await gradient(given.model ? atProbability(model) : model, inputs, given.gradients));
      } finally {
        model.dispose();
      }
    }
    if (!given.outputs) (await loadModel(path)).dispose();
  } catch (error) {
    if (!(error instanceof LimpidError))
      throw new Error(`${given.name}: ${(error as Error).message}`, { cause: error });
    delete verdict.error;
    verdict.refusal = error.message.replace(path, "").replace(/^: /, "");
  } finally {
    tf.dispose(inputs);
  }
  return verdict;
}

async function gradient(
  model: object,
  inputs: Tensor[],
  expected: NonNullable<KerasCase["gradients"]>,
): Promise<Verdict> {
  const tf = await tensorflow();
  const first = inputs.map((input) => tf.slice(input, 0, 1));
  try {
    const result = await sensitivity(model, { kind: "signed" })(first.length === 1 ? first[0]! : first, {
      target: 0,
    });
    const found = result.inputs ?? [result];
    const errors = expected.map(({ step, values: kept }, index) => {
      const { relevance } = found[index]!;
      return distance(
        kept.map((_, place) => relevance[place * step]!),
        kept,
        1,
      );
    });
    return { gradientError: Math.max(...errors) };
  } catch (error) {
    if (error instanceof LimpidError) return { refusal: error.message };
    throw error;
  } finally {
    release(model);
    tf.dispose(first);
  }
}

const dtypeOf = ({ dtype }: KerasInput): "float32" | "int32" | "bool" => (dtype === "int64" ? "int32" : dtype);

/** The largest difference, relative to the largest expected value or `least`. */
function distance(found: ArrayLike<number>, expected: number[], least: number): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  const scale = Math.max(least, ...expected.map(Math.abs));
  const differences = expected.map((value, index) => Math.abs(value - found[index]!));
  return Math.max(0, ...differences) / scale;
}
