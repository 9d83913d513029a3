import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Compiler, type Program, scoped } from "../../../explainers/network/index.js";
import type { NativeBackend, Output } from "./binding.js";
import { letGo, tensorOf } from "./held.js";
import { savedModel } from "./saved-model.js";
import { inputName, numberName, type Tape, tape } from "./tape.js";

/** Why computations were not compiled, the latest last: for tests and for whoever wonders where time goes. */
export const refusals: string[] = [];

/**
 * Compiles what runs on TensorFlow's native backend into graphs of its own, which it optimizes and runs in one call:
 * what costs 60 to 100 µs an operation one by one costs a few.
 */
export const graphCompiler: Compiler = {
  backend: "tensorflow",
  from: 5,
  compile(inputs, numbers, compute) {
    const backend = tf.backend() as unknown as NativeBackend;
    const scalars = numbers.map((number) => tf.scalar(number));
    try {
      const recorded = tape(backend, inputs, scalars, () => compute(scalars));
      return { tensors: recorded.tensors, program: scoped(() => load(backend, recorded, inputs, numbers)) };
    } finally {
      tf.dispose(scalars);
    }
  },
};

function load(
  backend: NativeBackend,
  recorded: Tape,
  inputs: readonly Tensor[],
  numbers: readonly number[],
): Program | undefined {
  let { refusal } = recorded;
  let loaded: Program | undefined;
  try {
    if (refusal === undefined) {
      loaded = program(backend, recorded, loadGraph(backend, recorded));
      // The first run optimizes the graph; it had better give what was computed without it.
      const again = loaded.run(inputs, numbers);
      if (again.every((tensor, index) => agree(tensor, recorded.tensors[index]!))) return loaded;
      refusal = "its results differ from those computed one operation at a time";
    }
  } catch (error) {
    refusal = (error as Error).message;
  }
  if (loaded === undefined) letGo(backend, recorded.captures.values());
  else loaded.dispose();
  refusals.push(refusal);
  return undefined;
}

function loadGraph(backend: NativeBackend, { nodes }: Tape): number {
  const folder = mkdtempSync(join(tmpdir(), "limpid-graph-"));
  try {
    writeFileSync(join(folder, "saved_model.pb"), savedModel(nodes, backend.binding));
    return backend.binding.loadSavedModel(folder, "serve");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether two tensors hold the same numbers up to rounding. */
function agree(a: Tensor, b: Tensor): boolean {
  if (a.shape.join() !== b.shape.join() || a.dtype !== b.dtype) return false;
  if (a.size === 0) return true;
  const [one, other] = [tf.cast(a, "float32"), tf.cast(b, "float32")];
  const [gap, scale] = tf
    .stack([tf.max(tf.abs(tf.sub(one, other))), tf.max(tf.abs(other))])
    .dataSync<"float32">() as Float32Array;
  return gap! <= 1e-3 * scale!;
}

/** The program of a recorded computation. What it keeps between runs is its own and no tensor: it ends with the program. */
function program(backend: NativeBackend, recorded: Tape, model: number): Program {
  const { binding } = backend;
  const { captures, prepared, results } = recorded;
  const computed = [...new Set(results.flatMap((result) => (result.kind === "computed" ? [result.from] : [])))];
  const outside = new Map([...captures].map(([name, held]) => [`${name}:0`, backend.getInputTensorIds([held])[0]!]));
  const preparation = step(prepared, new Set());
  const main = step(computed, new Set(prepared));
  let ready: { numbers: readonly number[]; ids: ReadonlyMap<string, number> } | undefined;

  /** One run of the graph: what it must be given for `outputs`, where what is in `given` is not computed. */
  function step(outputs: readonly string[], given: ReadonlySet<string>) {
    const feeds = feedsOf(recorded, outputs, given);
    const [feedNames, outputNames] = [feeds.join(","), outputs.join(",")];
    return (ids: ReadonlyMap<string, number>): Map<string, Output> => {
      if (outputs.length === 0) return new Map();
      const fed = feeds.map((name) => (ids.get(name) ?? outside.get(name))!);
      const made = binding.runSavedModel(model, fed, feedNames, outputNames);
      return new Map(made.map((output, index) => [outputs[index]!, output]));
    };
  }

  const forget = (): void => {
    for (const id of ready?.ids.values() ?? []) binding.deleteTensor(id);
    ready = undefined;
  };

  /** What depends on the numbers alone, made anew when they change. */
  const prepare = (numbers: readonly number[]): ReadonlyMap<string, number> => {
    if (ready?.numbers.every((number, index) => number === numbers[index])) return ready.ids;
    forget();
    const ids = new Map(
      numbers.map((number, index) => [
        `${numberName(index)}:0`,
        binding.createTensor([], binding.TF_FLOAT, Float32Array.of(number)),
      ]),
    );
    ready = { numbers: [...numbers], ids };
    try {
      for (const [name, { id }] of preparation(ids)) ids.set(name, id);
      return ids;
    } catch (error) {
      forget();
      throw error;
    }
  };

  /** Another handle on a tensor of the addon's. */
  const handleOn = (id: number): Tensor => {
    const type = { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
    return backend.createOutputTensor(binding.executeOp("Identity", [type], [id], 1)[0]!);
  };

  return {
    run(inputs, numbers) {
      const values = prepare(numbers);
      const given = backend.getInputTensorIds(inputs);
      const made = main(
        new Map([...values, ...given.map((id, index): [string, number] => [`${inputName(index)}:0`, id])]),
      );
      const outputs = new Map([...made].map(([name, output]) => [name, backend.createOutputTensor(output)]));
      const handedOut = new Set<string>();
      return results.map((result) => {
        if (result.kind === "input") return tf.clone(inputs[result.index]!);
        if (result.kind === "constant") return tensorOf(backend, captures.get(result.capture)!);
        if (result.kind === "prepared") return handleOn(values.get(result.from)!);
        const tensor = outputs.get(result.from)!;
        // The first that asks for a computed tensor gets it, others get handles of their own.
        if (handedOut.has(result.from)) return tf.clone(tensor);
        handedOut.add(result.from);
        return tensor;
      });
    },
    dispose() {
      binding.deleteSavedModel(model);
      forget();
      letGo(backend, captures.values());
    },
  };
}

/** The placeholders, and members of `given`, that `outputs` are computed from. */
function feedsOf({ nodes }: Tape, outputs: readonly string[], given: ReadonlySet<string>): string[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const feeds = new Set<string>();
  const seen = new Set<string>();
  const pending = [...outputs];
  for (let from = pending.pop(); from !== undefined; from = pending.pop()) {
    if (seen.has(from)) continue;
    seen.add(from);
    const node = byName.get(from.slice(0, from.indexOf(":")))!;
    if (given.has(from) || node.operation === "Placeholder") feeds.add(from);
    else pending.push(...node.inputs);
  }
  return [...feeds];
}
