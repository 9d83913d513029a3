import type { Tensor } from "@tensorflow/tfjs-core";
import { InputShapeError } from "../../explainers/index.js";
import { RunError } from "../errors.js";
import { UNKNOWN } from "../store/arrays.js";
import type { DataSource, Sample } from "./source.js";

/** One of the samples that an iterable gives: its numbers as the model takes them, and what it is called. */
export interface GivenSample {
  readonly values: ArrayLike<number> | Tensor;
  readonly id?: string;
}

/** Samples that come one after another, from anywhere; of those that were passed nothing is kept. */
export function iterableSource(
  samples: AsyncIterable<GivenSample> | Iterable<GivenSample>,
  { name, count, shape }: { readonly name: string; readonly count: number; readonly shape: readonly number[] },
): DataSource {
  const iterator = Symbol.asyncIterator in samples ? samples[Symbol.asyncIterator]() : samples[Symbol.iterator]();
  const size = shape.reduce((a, b) => a * b, 1);
  const ids = new Map<number, string>();
  /** The next that comes, and those that were read from `first` on. */
  let [first, kept] = [0, [] as (Sample | Error)[]];
  let before = 0;
  let reading: Promise<unknown> = Promise.resolve();

  const next = async (): Promise<void> => {
    const at = first + kept.length;
    try {
      const { done, value } = await iterator.next();
      if (done) throw new RunError(`The samples end after ${at}, and ${count} were promised`);
      if (value.id !== undefined) ids.set(at, value.id);
      kept.push({ values: await numbersOf(value, size, shape), content: UNKNOWN });
    } catch (error) {
      kept.push(error as Error);
    }
  };
  const read = async (start: number, end: number) => {
    if (start < first)
      throw new RunError(`Sample ${start} of ${name} has passed: what comes one by one is read forwards only`);
    while (first + kept.length < end) {
      await next();
      while (first < start && kept.length > 0) {
        kept.shift();
        first++;
      }
    }
    // Those of the read before are still asked for while this one is made in advance.
    for (const at of ids.keys()) if (at < before) ids.delete(at);
    before = start;
    return kept.slice(start - first, end - first);
  };
  return {
    name,
    count,
    shape,
    id: (at) => ids.get(at) ?? String(at),
    read(start, end) {
      const coming = reading.then(() => read(start, end));
      reading = coming.catch(() => undefined);
      return coming;
    },
    close: async () => {
      await iterator.return?.();
    },
  };
}

async function numbersOf({ values }: GivenSample, size: number, shape: readonly number[]): Promise<Float32Array> {
  const numbers = Float32Array.from(
    "dataId" in values ? await (values as Tensor).data() : (values as ArrayLike<number>),
  );
  if (numbers.length !== size) throw new InputShapeError(`[${shape.join(", ")}]`, `${numbers.length} numbers`);
  const stray = numbers.find((value) => !Number.isFinite(value));
  if (stray !== undefined) throw new RunError(`holds ${stray}`);
  return numbers;
}
