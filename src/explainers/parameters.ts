import { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "./errors.js";
import { nearest } from "./suggestions.js";

/** What kind of input a method explains: a picture, a sequence of vectors or of token ids, a row of numbers. */
export type InputKind = "image" | "sequence" | "table";

/** The part of a parameter's range that is worth trying, which a slider covers. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** From one value to the next; decades where the scale is logarithmic. */
  readonly step: number;
  readonly logarithmic?: boolean;
}

/** What one of several choices is called and does, where its word alone does not say. */
export interface ChoiceNote {
  readonly label?: string;
  readonly description?: string;
  /** The inputs it is for; by default all that the method explains. */
  readonly inputs?: readonly InputKind[];
}

/** How a parameter appears in a form. */
interface Appearance {
  /** What stands beside its control; by default its name in words. */
  readonly label?: string;
  /** Seldom changed: a form keeps it folded away. */
  readonly minor?: boolean;
  readonly span?: Span;
}

/** One parameter of a method: what a form, a command line and a page of documentation need to know of it. */
export interface Parameter<T = unknown> extends Appearance {
  readonly type:
    | "number"
    | "whole number"
    | "choice"
    | "switch"
    | "layer"
    | "window"
    | "list"
    | "reference"
    | "tensor"
    | "data";
  /** One sentence or less; with the literature's symbol where it has one. */
  readonly description: string;
  /** What is allowed, in words that follow "must be". */
  readonly range: string;
  /** `undefined` where the method decides by model and input, as `description` says, or where it must be given. */
  readonly default: T;
  readonly required?: boolean;
  /** Without it the method runs, but says little: whoever cannot give it should not be offered the method. */
  readonly advised?: boolean;
  /** Whether it may be a list of tensors, one for each input of the model. */
  readonly takesSeveral?: boolean;
  readonly unit?: string;
  readonly least?: number;
  readonly most?: number;
  readonly choices?: readonly string[];
  /** By choice. */
  readonly notes?: { readonly [choice: string]: ChoiceNote | undefined };
  readonly accepts: (value: unknown) => boolean;
}

export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of `parameters`, defaults filled in. */
export type ValuesOf<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never;
};

/** The names of parameters that must be given. */
type Required<P extends Parameters> = {
  [Name in keyof P]: P[Name] extends { readonly required: true } ? Name : never;
}[keyof P];

/** What a caller may state of `parameters`; any names where they are not known before the program runs. */
export type OptionsOf<P extends Parameters> = string extends keyof P
  ? Readonly<Record<string, unknown>>
  : { readonly [Name in Required<P>]: Exclude<ValuesOf<P>[Name], undefined> } & {
      readonly [Name in Exclude<keyof P, Required<P>>]?: ValuesOf<P>[Name];
    };

interface Bounds extends Appearance {
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

interface ChoiceLooks<Choice extends string> extends Appearance {
  readonly notes?: { readonly [Name in Choice]?: ChoiceNote };
}

/** One of a few words. */
export function choice<const Choice extends string>(
  choices: readonly Choice[],
  initial: NoInfer<Choice>,
  description: string,
  looks?: ChoiceLooks<NoInfer<Choice>>,
): Parameter<Choice>;
export function choice<const Choice extends string>(
  choices: readonly Choice[],
  initial: NoInfer<Choice> | undefined,
  description: string,
  looks?: ChoiceLooks<NoInfer<Choice>>,
): Parameter<Choice | undefined>;
export function choice(
  choices: readonly string[],
  initial: string | undefined,
  description: string,
  looks: ChoiceLooks<string> = {},
): Parameter<string | undefined> {
  return {
    type: "choice",
    description,
    range: `one of ${choices.join(", ")}`,
    default: initial,
    choices,
    ...looks,
    accepts: (value) => choices.includes(value as string),
  };
}

/** Yes or no. */
export const toggle = (initial: boolean, description: string, looks: Appearance = {}): Parameter<boolean> => ({
  type: "switch",
  description,
  range: "true or false",
  default: initial,
  ...looks,
  accepts: (value) => typeof value === "boolean",
});

/** The name of one of the model's layers. */
export const layerName = (description: string): Parameter<string | undefined> => ({
  type: "layer",
  description,
  range: "a layer's name",
  default: undefined,
  accepts: (value) => typeof value === "string" && value !== "",
});

/** The size of a window: one number, or one for each axis of positions. */
export const extent = (
  description: string,
  looks: Appearance = {},
): Parameter<undefined | number | readonly number[]> => ({
  type: "window",
  description,
  range: "a whole number of at least 1, or one for each axis",
  default: undefined,
  unit: "entries",
  least: 1,
  ...looks,
  accepts: (value) => {
    const sizes = Array.isArray(value) ? value : [value];
    return sizes.length > 0 && sizes.every((size) => Number.isInteger(size) && size >= 1);
  },
});

/** Data that only the caller has. */
export function tensorOf(
  description: string,
  need: "required",
): Parameter<Tensor | undefined> & { readonly required: true };
export function tensorOf(description: string, need: "advised" | "optional"): Parameter<Tensor | undefined>;
export function tensorOf(
  description: string,
  need: "required" | "advised" | "optional",
): Parameter<Tensor | undefined> {
  return {
    type: "tensor",
    description,
    range: "a tensor",
    default: undefined,
    required: need === "required",
    advised: need === "advised",
    accepts: (value) => value instanceof Tensor,
  };
}

/** Data of another shape that only the caller has, which a function can be given and a command line cannot. */
export const dataOf = <T>(
  description: string,
  range: string,
  accepts: (value: unknown) => value is T,
): Parameter<T | undefined> => ({ type: "data", description, range, default: undefined, accepts });

/** The same parameter, which can also be a tensor that only the caller has. */
export const orTensor = <T>(parameter: Parameter<T>): Parameter<T | Tensor> => ({
  ...parameter,
  range: `${parameter.range}, or a tensor`,
  accepts: (value) => value instanceof Tensor || parameter.accepts(value),
});

/** A tensor, or a list of them: one for each input of a model. */
export const orTensors = (
  parameter: Parameter<Tensor | undefined>,
): Parameter<Tensor | readonly Tensor[] | undefined> => ({
  ...parameter,
  range: "a tensor, or a list of tensors, one for each input of the model",
  takesSeveral: true,
  accepts: (value) =>
    parameter.accepts(value) || (Array.isArray(value) && value.length > 0 && value.every(parameter.accepts)),
});

/** Some of a few words. */
export const words = (
  known: readonly string[],
  initial: readonly string[],
  description: string,
  looks: Appearance = {},
): Parameter<readonly string[]> => ({
  type: "list",
  description,
  range: `some of ${known.join(", ")}`,
  default: initial,
  ...looks,
  accepts: (value) => Array.isArray(value) && value.every((word) => known.includes(word)),
});

/** Whole numbers of at least 0. */
export const indices = (description: string, looks: Appearance = {}): Parameter<readonly number[]> => ({
  type: "list",
  description,
  range: "a list of whole numbers of at least 0",
  default: [],
  ...looks,
  accepts: (value) => Array.isArray(value) && value.every((index) => Number.isInteger(index) && index >= 0),
});

/** The parameter of every method that draws at random. */
export const seed = whole(0, "The same seed gives the same numbers", { minor: true });

/** The inputs of a method that explains whatever a model takes. */
export const everyKind: readonly InputKind[] = ["image", "sequence", "table"];

/** Whether a value can be chosen in a form, rather than handed over in code or by a file. */
export const isForForms = ({ type }: Parameter): boolean => type !== "tensor" && type !== "data" && type !== "list";

/** Parameters without those of these names. */
export const without = (parameters: Parameters, ...names: readonly string[]): Parameters =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.includes(name)));

/** All that bounds say but how they are checked. */
function stated({ open, ...rest }: Bounds): Omit<Bounds, "open"> {
  return rest;
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
    const known = Object.keys(parameters);
    const taken = known.join(", ") || "no parameters";
    throw new ParameterError(name, value, `left out with ${owner}, which takes ${taken}`, nearest(name, known));
  }
  const values = Object.entries(parameters).map(
    ([name, { default: initial, required, range, choices = [], accepts }]) => {
      const value = given[name];
      if (value === undefined) {
        if (required) throw new ParameterError(name, value, `given: ${range}`);
        return [name, initial];
      }
      if (!accepts(value)) {
        throw new ParameterError(name, value, range, typeof value === "string" ? nearest(value, choices) : []);
      }
      return [name, value];
    },
  );
  return Object.fromEntries(values) as ValuesOf<P>;
}

/** A value as a command line gives it: `0.25`, `true`, `8,16` or a word. */
export function parseValue({ type }: Parameter, written: string): unknown {
  const isNumeric = (part: string) => part.trim() !== "" && Number.isFinite(Number(part));
  if (type === "switch") return written === "true" ? true : written === "false" ? false : written;
  if (type === "choice" || type === "layer") return written;
  if (type === "list" || (type === "window" && written.includes(",") && written.split(",").every(isNumeric))) {
    return written.split(",").map((part) => (isNumeric(part) ? Number(part) : part));
  }
  return isNumeric(written) ? Number(written) : written;
}
