import { Tensor } from "@tensorflow/tfjs-core";
import { InputShapeError } from "../errors.js";
import type { Attribution } from "../explanation.js";
import type { GradientTarget } from "../methods/gradient/index.js";
import { tensorsOf } from "../network/capture/input.js";
import { runnerOf } from "../network/capture/model.js";
import { type Input, type Model, Recording } from "../network/index.js";
import { checked, type InputKind, type Parameters, type ValuesOf } from "../parameters.js";
import { throwIfAborted } from "../progress.js";

export type Family = "propagation" | "gradient" | "patterns" | "perturbation";

/** What is known of a model's input beyond its shape. */
export interface Context {
  /** The least value that an input takes: a number, or one per channel. Default: not known. */
  readonly low?: number | readonly number[];
  /** The greatest. */
  readonly high?: number | readonly number[];
}

/**
 * An explanation of the common shape. A `Recording` in place of an input shares its forward pass, where the method has use
 * for one.
 */
export type Explainer = (x: Input | Recording, options?: GradientTarget) => Promise<Attribution>;

/** One published method. */
export interface Method {
  /** As written on a command line: `integrated-gradients`. */
  readonly id: string;
  /** As published. */
  readonly name: string;
  /** For a heading; by default the name. */
  readonly short?: string;
  readonly family: Family;
  /** Authors, year, venue, equation. */
  readonly reference: string;
  /** Which question it answers, in one sentence. */
  readonly question: string;
  readonly inputs: readonly InputKind[];
  /** Whether its values speak for (+) and against (−); else they only have a size. */
  readonly signed: boolean;
  /** Whether its values are shares of the output (or of its difference from a reference's), so that their sum has a meaning. */
  readonly additive: boolean;
  /** What its values lie on: the input's entries, the input's positions `[…, 1]`, or a layer's units. */
  readonly result: "entries" | "positions" | "units";
  readonly parameters: Parameters;
  /** The parameters that are read once others have these values: those of LRP depend on its composite. */
  readonly parametersWith: (values: Readonly<Record<string, unknown>>) => Parameters;
  /**
   * Makes the explainer of a model, which never changes its parameters.
   *
   * @throws ParameterError
   */
  readonly make: (model: Model, parameters?: Readonly<Record<string, unknown>>, context?: Context) => Explainer;
}

interface Definition<P extends Parameters> extends Omit<Method, "parameters" | "parametersWith" | "make"> {
  readonly parameters: P;
  /** Which of `parameters` are read with these values; by default all of them, always. */
  readonly parametersWith?: (values: Readonly<Record<string, unknown>>, parameters: Parameters) => Parameters;
  /** Makes the explainer from values that are in range. */
  readonly explainer: (model: Model, values: ValuesOf<P>, context: Context) => Explainer;
}

/** A registry entry: its parameters are checked before `explainer` sees them, and stand in every result. */
export function method<const P extends Parameters>({ explainer, parametersWith, ...entry }: Definition<P>): Method {
  return {
    ...entry,
    parametersWith: (values) => parametersWith?.(values, entry.parameters) ?? entry.parameters,
    make(model, parameters = {}, context = {}) {
      const values = checked(entry.id, entry.parameters, parameters);
      const explain = explainer(model, values, context);
      const plain = plainValues(values);
      return async (x, options = {}) => {
        // Before anything is made from the input, or fitted.
        throwIfAborted(options);
        if (!(x instanceof Recording)) tensorsOf(x, runnerOf(model));
        const result = await explain(x, options);
        return { ...result, parameters: { ...result.parameters, ...plain } };
      };
    },
  };
}

/**
 * Whether a method explains inputs of this kind with nothing at hand but model and input: no data set that it must have or
 * should have.
 */
export function needsNoData({ inputs, parameters }: Method, kind: InputKind): boolean {
  return inputs.includes(kind) && !Object.values(parameters).some(({ required, advised }) => required || advised);
}

/**
 * Checks parameters before there is a model.
 *
 * @throws ParameterError naming the parameter, its value and its range; also for a parameter that does not exist
 */
export function checkParameters({ id, parameters }: Method, stated: Readonly<Record<string, unknown>>): void {
  checked(id, parameters, stated);
}

/** Values that can be written to disk: of a tensor its shape. */
function plainValues(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Tensor ? `tensor [${value.shape}]` : value]),
  );
}

/** The one input tensor of a model. */
export function inputOf(x: Input | Recording): Tensor {
  const [input, ...others] = x instanceof Recording ? x.inputs : Array.isArray(x) ? (x as readonly Tensor[]) : [x];
  if (others.length > 0) throw new InputShapeError("one tensor for this method", `${others.length + 1}`);
  return input as Tensor;
}

/** An explainer of tensors as one of the common shape. */
export function ofTensors(explain: (x: Tensor, options?: GradientTarget) => Promise<Attribution>): Explainer {
  return (x, options) => explain(inputOf(x), options);
}

/** Without the parameters that were left to the method. */
export function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
