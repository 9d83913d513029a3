import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { LimpidError } from "../../errors.js";
import { runnerOf } from "../../network/capture/model.js";
import { type Graph, type Model, record } from "../../network/index.js";
import { hashOf } from "../../numerics/hash.js";
import type { PictureSource } from "../picture-source.js";

/** What a pass over a data set belongs to: it is only used, or gone on with, where all three are the same. */
export interface DataPassKey {
  /** Of the model's weights. */
  readonly model: string;
  /** Of the inputs and labels that were passed. */
  readonly data: string;
  /** Layers and options. */
  readonly settings: string;
}

/** A stored pass belongs to another model, other data or other settings. */
export class DataPassError extends LimpidError {
  constructor(
    /** What is another one. */
    readonly part: keyof DataPassKey,
    detail: string,
  ) {
    super(`The stored pass is of ${detail}: pass over the data anew, into another file.`);
  }
}

/** Two hashes side by side, of 64 bits together. */
class Fingerprint {
  #hashes: readonly [number, number] = [0x811c9dc5, 0x01234567];

  add(values: Float32Array | Int32Array | Uint8Array): this {
    this.#hashes = [hashOf(values, this.#hashes[0]), hashOf(values, this.#hashes[1])];
    return this;
  }

  addText(text: string): this {
    return this.add(tf.util.encodeString(text));
  }

  toString(): string {
    return this.#hashes.map((hash) => (hash >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

/** Tells models apart by their weights, or where those are not known by what their graph holds. */
export function modelKey(model: Model, example: () => Tensor): string {
  const print = new Fingerprint();
  const runner = runnerOf(model);
  // The same weights, explained at another place.
  if (runner.atProbability) print.addText("at probability");
  const constants = runner.constants?.();
  if (constants !== undefined) for (const tensor of constants) addTensor(print, tensor);
  else {
    const x = example();
    const recording = record(model, x);
    addGraph(print, recording.graph);
    recording.dispose();
    x.dispose();
  }
  return print.toString();
}

function addGraph(print: Fingerprint, graph: Graph): void {
  for (const { operation, inputs } of graph.nodes) {
    print.addText(JSON.stringify([operation.kind, inputs]));
    for (const part of Object.values(operation).flat()) if (part instanceof tf.Tensor) addTensor(print, part);
  }
}

function addTensor(print: Fingerprint, tensor: Tensor): void {
  print.addText(JSON.stringify(tensor.shape));
  print.add(tensor.dataSync() as Float32Array);
}

/** Takes samples up in the order in which they are passed. */
class DataPrint {
  readonly #print = new Fingerprint();

  constructor(readonly labels: ArrayLike<number> | undefined) {}

  add(x: Tensor, start: number): void {
    this.#print.add(x.dataSync() as Float32Array);
    const { labels } = this;
    if (labels !== undefined) {
      this.#print.add(Int32Array.from({ length: x.shape[0]! }, (_, at) => labels[start + at]!));
    }
  }

  toString(): string {
    return this.#print.toString();
  }
}

/** The print of the first samples of a source. */
export function printOf(source: PictureSource, labels: ArrayLike<number> | undefined, count: number, batch: number) {
  const print = new DataPrint(labels);
  for (let start = 0; start < count; start += batch) {
    const x = source.take(start, Math.min(batch, count - start));
    print.add(x, start);
    x.dispose();
  }
  return print;
}
