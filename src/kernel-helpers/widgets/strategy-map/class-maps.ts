import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { PictureSource } from "../../../explainers/concepts/index.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { Explain } from "../../../explainers/explanation.js";
import { scoped } from "../../../explainers/network/tensors.js";
import { follow, type ProgressOptions } from "../../../explainers/progress.js";

/** Pictures, the class of each, and how they are called. */
export interface StrategyData {
  /** `[pictures, height, width, channels]`, or what gives a part of them, which is disposed of after use. */
  x: Tensor | PictureSource;
  /** The index of each picture's class. */
  classes: ArrayLike<number>;
  /** Names of the pictures; by default their numbers. */
  names?: readonly string[];
}

/** The longest side of a map that is kept: more than features and thumbnails tell apart. */
const SIDE = 64;
/** Pixels that are explained at once. */
const PIXELS_AT_ONCE = 150_000;

/** Relevance maps of all pictures of one class, kept as they come; a run that was stopped goes on where it was. */
export class ClassMaps {
  /** Numbers of the class's pictures in the data set, of maps that are there; pictures whose map holds nothing are left out. */
  readonly kept: number[] = [];
  readonly #maps: Float32Array[] = [];
  readonly #pictures: number[];
  /** How many have no relevance at all. */
  empty = 0;
  size: readonly [height: number, width: number] = [0, 0];
  /** Pixels along each side of a place of a map. */
  step = 1;
  #done = 0;
  #pixels: readonly [height: number, width: number] = [0, 0];

  constructor(
    readonly data: StrategyData,
    readonly target: number,
    readonly explain: Explain,
    /** The output that speaks for the class: of two classes that one output tells apart, the first. */
    readonly output = target,
  ) {
    const { classes } = data;
    const count = data.x instanceof tf.Tensor ? data.x.shape[0]! : data.x.count;
    if (classes.length !== count) {
      throw new ParameterError("data.classes", `${classes.length} entries`, `one for each of ${count} pictures`);
    }
    this.#pictures = Array.from({ length: count }, (_, i) => i).filter((i) => classes[i] === target);
    if (this.#pictures.length === 0) throw new ParameterError("target", target, "a class that there are pictures of");
  }

  get complete(): boolean {
    return this.#done === this.#pictures.length;
  }

  get count(): number {
    return this.#pictures.length;
  }

  /** Explains the pictures that are not explained. @throws AbortedError, and what the method throws */
  async run(asked: ProgressOptions): Promise<void> {
    const before = this.#done;
    const total = this.#pictures.length;
    const progress = follow(total - before, {
      ...asked,
      onProgress: ({ done }) => asked.onProgress?.({ done: before + done, total }),
    });
    while (this.#done < total) {
      const one = this.pictures([this.#pictures[this.#done]!]);
      const pixels = one.size / (one.shape[3] ?? 1);
      one.dispose();
      const some = this.#pictures.slice(
        this.#done,
        this.#done + Math.max(1, Math.min(32, Math.floor(PIXELS_AT_ONCE / pixels))),
      );
      const x = this.pictures(some);
      try {
        const result = await this.explain(x, { target: this.output, onProgress: () => {} });
        this.#take(some, result.relevance, result.shape);
      } finally {
        x.dispose();
      }
      this.#done += some.length;
      await progress.step(some.length);
    }
  }

  /** Pictures of the data set by their numbers; the caller disposes of them. */
  pictures(numbers: readonly number[]): Tensor {
    const { x } = this.data;
    if (x instanceof tf.Tensor) return tf.gather(x, tf.tensor1d([...numbers], "int32"));
    const parts = numbers.map((number) => x.take(number, 1));
    if (parts.length === 1) return parts[0]!;
    const all = tf.concat(parts);
    tf.dispose(parts);
    return all;
  }

  /** All maps, `[maps, height, width, 1]`. */
  get maps(): { relevance: Float32Array; shape: number[] } {
    const [height, width] = this.size;
    const relevance = new Float32Array(this.#maps.length * height * width);
    for (const [at, map] of this.#maps.entries()) relevance.set(map, at * height * width);
    return { relevance, shape: [this.#maps.length, height, width, 1] };
  }

  /** A region `[height, width]` of a map at the size of the pictures. */
  enlarged(region: Uint8Array): Uint8Array {
    const [height, width] = this.#pixels;
    const columns = this.size[1];
    const { step } = this;
    return Uint8Array.from(
      { length: height * width },
      (_, at) => region[Math.floor(Math.floor(at / width) / step) * columns + Math.floor((at % width) / step)]!,
    );
  }

  map(index: number): Float32Array {
    return this.#maps[index]!;
  }

  #take(numbers: readonly number[], relevance: Float32Array, shape: readonly number[]): void {
    if (shape.length !== 4)
      throw new ParameterError("data.x", `[${shape}]`, "pictures [pictures, height, width, channels]");
    const [count, height, width] = shape as [number, number, number];
    const step = Math.max(1, Math.ceil(Math.max(height, width) / SIDE));
    this.step = step;
    this.#pixels = [height, width];
    const { values, size } = scoped(() => {
      const summed = tf.sum(tf.tensor(relevance, [...shape]), 3, true) as tf.Tensor4D;
      const [below, beside] = [height, width].map((side) => (step - (side % step)) % step);
      const padded = tf.pad4d(summed, [
        [0, 0],
        [0, below!],
        [0, beside!],
        [0, 0],
      ]);
      const small = step === 1 ? summed : tf.mul(tf.avgPool(padded, step, step, "valid"), step * step);
      return { values: small.dataSync<"float32">(), size: [small.shape[1]!, small.shape[2]!] as const };
    });
    this.size = size;
    const length = values.length / count;
    numbers.forEach((number, at) => {
      const map = Float32Array.from(values.subarray(at * length, (at + 1) * length));
      if (map.every((value) => value === 0)) this.empty++;
      else {
        this.kept.push(number);
        this.#maps.push(map);
      }
    });
  }
}
