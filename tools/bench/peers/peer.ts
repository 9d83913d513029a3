import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { type Graph, type Model, record } from "../../../src/explainers/index.js";
import * as safetensors from "../../../src/explainers/numerics/safetensors.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where `tools/bench/requirements.txt` is installed, unless a caller says otherwise. */
export const defaultPython = join(root, ".limpid/bench-venv/bin/python");

/** A Python process that runs `tools/bench/peers/<script>`; one request and one answer at a time. */
export class Peer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  #errors = "";

  constructor(python: string, script: string, threads: number) {
    const env = { ...process.env, BENCH_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
    this.#process = spawn(python, [join(root, "tools/bench/peers", script)], { env });
    this.#process.stderr.on("data", (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    this.#lines = createInterface(this.#process.stdout);
  }

  async ask(request: object): Promise<Record<string, unknown>> {
    const answer = new Promise<string>((resolve, reject) => {
      const failed = () => reject(new Error(`The Python peer ended: ${this.#errors.trim().split("\n").at(-1)}`));
      this.#process.once("close", failed);
      this.#lines.once("line", (line) => {
        this.#process.off("close", failed);
        resolve(line);
      });
    });
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    return JSON.parse(await answer) as Record<string, unknown>;
  }

  close(): void {
    this.#process.stdin.end();
  }
}

/** Writes a model's canonical graph, with its weights, for the peer; returns the path without its endings. */
export async function writeGraph(model: Model, x: tf.Tensor, path: string): Promise<string> {
  const sample = tf.tidy(() => tf.slice(x, 0, 1));
  const recording = record(model, sample);
  const tensors = new Map<string, tf.Tensor>();
  const nodes = recording.graph.nodes.map((node) => ({ ...describe(node, tensors), inputs: node.inputs }));
  await writeFile(`${path}.json`, JSON.stringify(nodes));
  await writeSafetensors(`${path}.safetensors`, tensors);
  recording.dispose();
  sample.dispose();
  return path;
}

function describe({ id, operation }: Graph["nodes"][number], tensors: Map<string, tf.Tensor>): object {
  switch (operation.kind) {
    case "conv2d":
    case "depthwise":
    case "dense":
      tensors.set(`${id}/weights`, operation.weights);
      if (operation.bias !== null) tensors.set(`${id}/bias`, operation.bias);
      return operation.kind === "dense"
        ? { kind: "dense" }
        : { kind: operation.kind, strides: operation.window.strides, padding: operation.window.padding };
    case "activation":
      return { kind: operation.function };
    case "pool":
      return { kind: operation.reduce, size: operation.window.size, strides: operation.window.strides };
    case "reduce":
      return { kind: "global" };
    case "rearrange":
      return { kind: "flatten" };
    default:
      return { kind: operation.kind };
  }
}

/** Writes float32 tensors in the format of the same name. */
export async function writeSafetensors(path: string, tensors: ReadonlyMap<string, tf.Tensor>): Promise<void> {
  const stored = Array.from(
    tensors,
    ([name, tensor]) => [name, { shape: tensor.shape, values: tensor.dataSync<"float32">() }] as const,
  );
  await writeFile(path, safetensors.writeSafetensors(stored));
}

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** To a tenth of a millisecond. */
export const round = (ms: number): number => Math.round(ms * 10) / 10;

/** Lets a peer's threads, which spin for a while after their work, come to rest. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `a,b` → `["a", "b"]` */
export const list = (value: string): string[] => value.split(",").filter((entry) => entry !== "");
