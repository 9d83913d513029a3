import { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../errors.js";

/** One parameter of a method: what a form, a command line and a page of documentation need to know of it. */
export interface Parameter<T = unknown> {
  readonly type: "number" | "whole number" | "choice" | "switch" | "text" | "window" | "reference" | "tensor";
  /** One sentence or less; with the literature's symbol where it has one. */
  readonly description: string;
  /** What is allowed, in words that follow "must be". */
  readonly range: string;
  /** `undefined` where the method decides by model and input, as `description` says, or where it must be given. */
  readonly default: T;
  readonly required?: boolean;
  readonly unit?: string;
  readonly least?: number;
  readonly most?: number;
  readonly choices?: readonly string[];
  readonly accepts: (value: unknown) => boolean;
}

export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of `parameters`, defaults filled in. */
export type ValuesOf<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never;
};

interface Bounds {
  readonly least?: number;
  readonly most?: number;
  /** Whether `least` itself (`most` itself) is out of range. */
  readonly open?: boolean;
  readonly unit?: string;
}

function inWords(kind: string, { least, most, open }: Bounds): string {
  if (least !== undefined && most !== undefined) {
    return `${kind} ${open ? "between" : "from"} ${least} ${open ? "and" : "to"} ${most}${open ? ", both excluded" : ""}`;
  }
  if (least !== undefined) return `${kind} ${open ? "above" : "of at least"} ${least}`;
  return kind;
}

const isWithin = (value: unknown, { least = -Infinity, most = Infinity, open }: Bounds): boolean =>
  typeof value === "number" &&
  Number.isFinite(value) &&
  (open ? value > least && value < most : value >= least && value <= most);

/** A real number. */
export function real(initial: number, description: string, bounds?: Bounds): Parameter<number>;
export function real(initial: undefined, description: string, bounds?: Bounds): Parameter<number | undefined>;
export function real(
  initial: number | undefined,
  description: string,
  bounds: Bounds = {},
): Parameter<number | undefined> {
  return {
    type: "number",
    description,
    range: inWords("a number", bounds),
    default: initial,
    ...stated(bounds),
    accepts: (value) => isWithin(value, bounds),
  };
}

/** A whole number. */
export function whole(initial: number, description: string, bounds?: Bounds): Parameter<number>;
export function whole(initial: undefined, description: string, bounds?: Bounds): Parameter<number | undefined>;
export function whole(
  initial: number | undefined,
  description: string,
  bounds: Bounds = {},
): Parameter<number | undefined> {
  return {
    type: "whole number",
    description,
    range: inWords("a whole number", bounds),
    default: initial,
    ...stated(bounds),
    accepts: (value) => Number.isInteger(value) && isWithin(value, bounds),
  };
}

/** One of a few words. */
export function choice<const Choice extends string>(
  choices: readonly Choice[],
  initial: NoInfer<Choice>,
  description: string,
): Parameter<Choice>;
export function choice<const Choice extends string>(
  choices: readonly Choice[],
  initial: NoInfer<Choice> | undefined,
  description: string,
): Parameter<Choice | undefined>;
export function choice(
  choices: readonly string[],
  initial: string | undefined,
  description: string,
): Parameter<string | undefined> {
  return {
    type: "choice",
    description,
    range: `one of ${choices.join(", ")}`,
    default: initial,
    choices,
    accepts: (value) => choices.includes(value as string),
  };
}

/** Yes or no. */
export const toggle = (initial: boolean, description: string): Parameter<boolean> => ({
  type: "switch",
  description,
  range: "true or false",
  default: initial,
  accepts: (value) => typeof value === "boolean",
});

/** A name, such as a layer's. */
export const text = (description: string): Parameter<string | undefined> => ({
  type: "text",
  description,
  range: "a name",
  default: undefined,
  accepts: (value) => typeof value === "string" && value !== "",
});

/** The size of a window: one number, or one for each axis of positions. */
export const extent = (description: string): Parameter<undefined | number | readonly number[]> => ({
  type: "window",
  description,
  range: "a whole number of at least 1, or one for each axis",
  default: undefined,
  unit: "entries",
  least: 1,
  accepts: (value) => {
    const sizes = Array.isArray(value) ? value : [value];
    return sizes.length > 0 && sizes.every((size) => Number.isInteger(size) && size >= 1);
  },
});

/** Data that only the caller has. */
export const tensorOf = (description: string, required: boolean): Parameter<Tensor | undefined> => ({
  type: "tensor",
  description,
  range: "a tensor",
  default: undefined,
  required,
  accepts: (value) => value instanceof Tensor,
});

function stated({ least, most, unit }: Bounds): Pick<Parameter, "least" | "most" | "unit"> {
  return { ...(least !== undefined && { least }), ...(most !== undefined && { most }), ...(unit && { unit }) };
}

/**
 * Fills in defaults and checks every value.
 *
 * @throws ParameterError naming the parameter, its value and its range; also for a parameter that does not exist
 */
export function checked<P extends Parameters>(
  owner: string,
  parameters: P,
  given: Readonly<Record<string, unknown>>,
): ValuesOf<P> {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || Object.hasOwn(parameters, name)) continue;
    const known = Object.keys(parameters).join(", ");
    throw new ParameterError(name, value, `left out with ${owner}, which takes ${known || "no parameters"}`);
  }
  const values = Object.entries(parameters).map(([name, { default: initial, required, range, accepts }]) => {
    const value = given[name];
    if (value === undefined) {
      if (required) throw new ParameterError(name, value, `given: ${range}`);
      return [name, initial];
    }
    if (!accepts(value)) throw new ParameterError(name, value, range);
    return [name, value];
  });
  return Object.fromEntries(values) as ValuesOf<P>;
}

/** A value as a command line gives it: `0.25`, `true`, `8,16` or a word. */
export function parseValue({ type }: Parameter, written: string): unknown {
  const isNumeric = (part: string) => part.trim() !== "" && Number.isFinite(Number(part));
  if (type === "switch") return written === "true" ? true : written === "false" ? false : written;
  if (type === "choice" || type === "text") return written;
  if (type === "window" && written.includes(",") && written.split(",").every(isNumeric)) {
    return written.split(",").map(Number);
  }
  return isNumeric(written) ? Number(written) : written;
}
