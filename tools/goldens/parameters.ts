import type { GoldenCase } from "./format.js";
import { GoldensError } from "./safetensors.js";

type Parameters = GoldenCase["params"];

/** Names under which a case explains itself or says how fast it was computed: they change no number. */
const remarks: ReadonlySet<string> = new Set([
  "note",
  "features",
  "sum_of_weights",
  "internal_batch_size",
  "perturbations_per_eval",
  "show_progress",
]);

/**
 * A case's parameters, which remember what was asked for: whoever overlooks one computes another case than the peer did.
 *
 * @returns the parameters, and the names of those (but for remarks, and `null`, a peer's own default) that nobody read
 */
export function watched(parameters: Parameters): { parameters: Parameters; unread: () => string[] } {
  const read = new Set<PropertyKey>();
  return {
    parameters: new Proxy(parameters, {
      get(target, name) {
        read.add(name);
        return Reflect.get(target, name) as unknown;
      },
    }),
    unread: () =>
      Object.keys(parameters).filter((name) => parameters[name] != null && !remarks.has(name) && !read.has(name)),
  };
}

/** A parameter that is a number; `byDefault` where the case has none. */
export function numberIn(parameters: Parameters, name: string, byDefault?: number): number {
  const value = parameters[name] ?? byDefault;
  if (typeof value !== "number") throw new GoldensError(`The parameter ${name} is ${String(value)}, not a number.`);
  return value;
}

/** What a parameter's value stands for; `byDefault` is the value of a case that has none. */
export function choiceIn<T>(
  parameters: Parameters,
  name: string,
  choices: Readonly<Record<string, T>>,
  byDefault: string,
): T {
  const value = String(parameters[name] ?? byDefault);
  if (!Object.hasOwn(choices, value)) {
    const known = Object.keys(choices).join(", ");
    throw new GoldensError(`The parameter ${name} is ${value}; known are ${known}.`);
  }
  return choices[value]!;
}

/** Refuses a case in which `name` is not one of the values that are as good as our own. */
export function expectIn(parameters: Parameters, name: string, ...values: unknown[]): void {
  const value = parameters[name];
  if (value == null || values.includes(value)) return;
  throw new GoldensError(`The parameter ${name} is ${JSON.stringify(value)}; known is ${values.join(", ")}.`);
}
