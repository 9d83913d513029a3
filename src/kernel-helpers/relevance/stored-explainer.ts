import type { Tensor } from "@tensorflow/tfjs-core";
import { modelKey } from "../../explainers/concepts/data-pass/key.js";
import { type PictureSource, sourceOf } from "../../explainers/concepts/picture-source.js";
import { type Attribution, type Explain, type Model, Recording } from "../../explainers/index.js";
import { hashOf } from "../../explainers/numerics/hash.js";
import { type RelevanceStore, RelevanceStoreError } from "./relevance-store.js";

/** What the stored explanations are asked for. */
export interface StoredExplainerOptions {
  /** The number in the store of the first of the inputs. Default 0. */
  readonly start?: number;
  /** The method by its id, and some of its parameters, where these are to be as expected. */
  readonly method?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** An explainer that reads: `evaluate` takes it among its methods, `StrategyMap` its `explain(model)`. */
export interface StoredExplainer {
  readonly name: string;
  readonly explain: (model: Model) => Explain;
}

/**
 * Gives stored explanations where an explainer is asked for: nothing is computed again, and read is what is asked for. Inputs are known by
 * their numbers; what is not in the store, such as an input that a measure has disturbed, is refused.
 *
 * @param x the store's inputs as the model takes them, one after another from `start` on
 * @throws RelevanceStoreError where method or parameters are others; its `explain`, where the model is another, an input is none of these or is
 *   not there yet, or a sample was explained for another class
 * @example
 * const stored = await storedExplainer(store, x, { method: "lrp" });
 * const evaluation = await evaluate(model, { x }, [stored, "sensitivity"], ["pixel-flipping"]);
 */
export async function storedExplainer(
  store: RelevanceStore,
  x: Tensor | PictureSource,
  { start = 0, method, parameters = {} }: StoredExplainerOptions = {},
): Promise<StoredExplainer> {
  const { run } = store;
  const refuse = (part: string, stored: unknown, asked: unknown): never => {
    const say = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
    throw new RelevanceStoreError(
      `${store.location} is of another run: its ${part} is ${say(stored)}, and ${say(asked)} is asked for`,
    );
  };
  if (method !== undefined && method !== run.method.id) refuse("method", run.method.id, method);
  for (const [name, value] of Object.entries(parameters)) {
    const stored = run.method.parameters[name];
    if (JSON.stringify(stored) !== JSON.stringify(value)) refuse(`parameter ${name}`, stored ?? "not set", value);
  }
  const source = sourceOf(x);
  if (start + source.count > store.count) refuse("count of samples", store.count, start + source.count);
  const places = new Map<number, number>();
  for (let at = 0; at < source.count; at++) {
    const one = source.take(at, 1);
    places.set(hashOf((await one.data()) as Float32Array), start + at);
    one.dispose();
  }

  const explain =
    (model: Model): Explain =>
    async (given, { target = "top1" } = {}) => {
      const input = given instanceof Recording ? given.inputs[0]! : (given as Tensor);
      const count = input.shape[0]!;
      const values = (await input.data()) as Float32Array;
      const size = values.length / count;
      const key = modelKey(model, () => source.take(0, 1));
      if (key !== run.model.key) refuse("model", `${run.model.name} (${run.model.key})`, `another one (${key})`);
      const relevance = new Float32Array(count * store.shape.reduce((a, b) => a * b, 1));
      const [output, targets]: [number[], number[]] = [[], []];
      const asked = Array.from({ length: count }, (_, at) => {
        const index = places.get(hashOf(values.slice(at * size, (at + 1) * size)));
        if (index !== undefined) return index;
        throw new RelevanceStoreError(
          `${store.location} holds no explanation of this input: it is none of its samples, or was changed`,
        );
      });
      const stretches = await Promise.all(stretchesOf(asked).map(([from, to]) => store.read(from, to)));
      const found = new Map(stretches.flat().map((one) => [one.index, one]));
      for (const [at, index] of asked.entries()) {
        const one = found.get(index);
        if (one === undefined) throw new RelevanceStoreError(`${store.location} does not hold sample ${index} yet`);
        if (one.error !== "") throw new RelevanceStoreError(`${one.id} could not be explained: ${one.error}`);
        const wanted = targetOf(target, at);
        if (wanted === "top1" ? run.target !== "top1" : wanted !== one.target)
          refuse(`target of ${one.id}`, run.target === "top1" ? `top1, class ${one.target}` : one.target, wanted);
        relevance.set(one.relevance, at * one.relevance.length);
        output.push(one.output);
        targets.push(one.target);
      }
      const shape = [count, ...store.shape];
      return {
        method: run.method.name,
        parameters: run.method.parameters,
        relevance,
        shape,
        inputs: [{ relevance, shape }],
        output,
        target: targets,
        additive: run.additive,
        channels: run.channels,
        warnings: [],
      } satisfies Attribution;
    };
  return { name: `${run.method.name} (stored)`, explain };
}

/** Stretches of numbers that follow one another: each is read at once. */
function stretchesOf(numbers: readonly number[]): [from: number, to: number][] {
  const stretches: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last?.[1] === number) last[1]++;
    else stretches.push([number, number + 1]);
  }
  return stretches;
}

/** What sample `at` is to be explained for. */
function targetOf(target: unknown, at: number): number | "top1" {
  if (target === "top1") return "top1";
  const own = Array.isArray(target) ? (target as unknown[])[at] : target;
  if (typeof own === "number") return own;
  if (own === "top1") return "top1";
  throw new RelevanceStoreError("Stored explanations are of classes: they are asked for by an index or top1");
}
