import { boundsOf, type Context } from "../../../context.js";
import { ParameterError } from "../../../errors.js";
import { affineKinds } from "../../../network/index.js";
import {
  checked,
  choice,
  type InputKind,
  type OptionsOf,
  type Parameter,
  type Parameters,
  real,
  type ValuesOf,
} from "../../../parameters.js";
import { type Choices, type Composite, composite } from "../composite.js";
import type { Rule } from "../rule.js";

/** What is known of a published composite: which rule for which layer. */
interface Description<P extends Parameters> {
  /** As written on a command line: `epsilon-gamma-box`. */
  readonly id: string;
  /** As published: `ε-γ-box`. */
  readonly name: string;
  /** Its rules in a few words. */
  readonly rules: string;
  /** What it is good for, in one sentence. */
  readonly description: string;
  readonly reference: string;
  readonly inputs: readonly InputKind[];
  /** What a form and a command line offer. */
  readonly parameters: P;
}

/**
 * A published composite: called with its parameters it gives the composite, and it carries what a form, a command line and
 * a page of documentation need to know of it.
 *
 * @throws ParameterError naming the parameter, its value and its range; also for a parameter that does not exist
 */
export type Published<P extends Parameters = Parameters, S extends Parameters = Parameters> = {
  // Declared as a method, so that a list may hold composites of different parameters.
  of(options?: OptionsOf<P & S>, context?: Context): Composite;
}["of"] &
  Description<P>;

interface Definition<P extends Parameters, S extends Parameters> extends Description<P> {
  /** What only code says, beside the parameters. */
  readonly settings: S;
  /** How it chooses, from values that are in range. */
  readonly make: (values: ValuesOf<P & S>) => Omit<Choices, "parameters">;
}

/** A published composite from its definition. Bounds that are left out are those of the context. */
export function published<const P extends Parameters, const S extends Parameters>({
  make,
  settings,
  ...description
}: Definition<P, S>): Published<P, S> {
  const { id, parameters } = description;
  const call = (options: Readonly<Record<string, unknown>> = {}, context: Context = {}): Composite => {
    const bounds = "low" in settings ? boundsOf(context) : undefined;
    const values = checked(id, { ...parameters, ...settings }, { ...bounds, ...given(options) });
    const stated = [...Object.keys(parameters), ...("low" in settings ? ["low", "high"] : [])];
    const shown = Object.fromEntries(stated.map((name) => [name, (values as Record<string, unknown>)[name]]));
    return composite(id, { ...make(values as ValuesOf<P & S>), parameters: shown });
  };
  const properties = Object.entries(description).map(([key, value]) => [key, { value, enumerable: true }]);
  return Object.defineProperties(call as typeof call & Description<P>, Object.fromEntries(properties));
}

const given = (options: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

export const anyInput: readonly InputKind[] = ["image", "sequence", "table"];
export const BACH = "Bach et al. 2015, PLOS ONE";
export const OVERVIEW = "Montavon et al. 2019, Explainable AI (LNCS 11700), chapter 10";

export const epsilonOf = (initial: number, layers: string) =>
  real(initial, `ε of ${layers}: absorbs what is weak or contradictory`, {
    least: 0,
    label: "ε",
    span: { from: 1e-9, to: 10, step: 0.25, logarithmic: true },
  });

export const gammaOf = (layers: string) =>
  real(0.25, `γ of ${layers}: how much positive weights are favored`, {
    least: 0,
    label: "γ",
    span: { from: 0, to: 1, step: 0.01 },
  });

/** The use of biases, where the composite says it rather than the call. */
export const bias = choice(
  ["absorb", "ignore", "distribute"],
  undefined,
  "What becomes of the biases' share; by default what the call of lrp says",
);

/** What the composites with ε for dense layers take from code. */
export const settingsOfEpsilon = {
  bias,
  stabilizer: choice(["add", "clip", "rms"], undefined, "How ε enters the dense layers' denominators"),
  guard: real(1e-6, "What keeps the denominators of all other rules, of average pools and of sums from 0", {
    least: 0,
  }),
};

const bound = (description: string): Parameter<number | readonly number[] | undefined> => ({
  type: "number",
  description,
  range: "a number, or a list of numbers, one per channel",
  default: undefined,
  accepts: (value) =>
    [value].flat().length > 0 && [value].flat().every((entry) => typeof entry === "number" && Number.isFinite(entry)),
});

/** The bounds of the input, for zᴮ. */
export const box = {
  low: bound("The least value that the model's input takes"),
  high: bound("The greatest"),
};

interface Box {
  readonly low: number | readonly number[];
  readonly high: number | readonly number[];
}

type Sides = { readonly [Side in keyof Box]?: Box[Side] | undefined };

/** The bounds, where both are known. */
export const boxOf = ({ low, high }: Sides): Box | undefined =>
  low === undefined || high === undefined ? undefined : { low, high };

/** The bounds, which a composite cannot do without. */
export function requiredBox(id: string, sides: Sides): Box {
  const found = boxOf(sides);
  if (found !== undefined) return found;
  throw new ParameterError(
    "composite",
    id,
    "another one, or given low and high: the bounds of this model's input are not known",
  );
}

/** The kinds that are convolutions, of any number of axes, with one rule. */
export const convolutions = (rule: Rule): Choices["byKind"] =>
  Object.fromEntries(
    affineKinds.flatMap(({ kind }) => (kind === "dense" || kind === "scale" ? [] : [[kind, rule] as const])),
  );
