import type { Tensor } from "@tensorflow/tfjs-core";
import { targetIndices } from "./class-names.js";
import { type Context, classNamesOf, contextOf, outputCountOf } from "./context.js";
import { InputShapeError, ParameterError } from "./errors.js";
import type { Attribution, Explain, InputRelevance, RunOptions } from "./explanation.js";
import { errorAt, failingAt } from "./failures.js";
import { knowing, plainValues, watched } from "./knowing.js";
import { tensorsOf } from "./network/capture/input.js";
import { networkOf, runnerOf } from "./network/capture/model.js";
import { type Input, type Model, Recording } from "./network/index.js";
import { checked, type InputKind, type OptionsOf, type Parameters, type ValuesOf } from "./parameters.js";
import { followed, type ProgressOptions, throwIfAborted } from "./progress.js";
import { warningsOf } from "./warnings.js";

export type Family = "propagation" | "gradient" | "patterns" | "perturbation";

/** What is known of a published method without running it. */
interface Description<P extends Parameters, Id extends string> {
  /** As written on a command line: `integrated-gradients`. */
  readonly id: Id;
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
  /** `"repeated"` where channels of a position may be hidden together and then say the same. */
  readonly channels: Attribution["channels"];
  readonly parameters: P;
  /** The parameters that are read once others have these values: those of LRP depend on its composite. */
  readonly parametersWith: (values: Readonly<Record<string, unknown>>) => Parameters;
}

/** Options may be left out where none must be given. */
type Arguments<P extends Parameters> =
  Record<string, never> extends OptionsOf<P>
    ? [options?: OptionsOf<P>, context?: Context]
    : [options: OptionsOf<P>, context?: Context];

// Declared as a method, so that a list may hold methods of different parameters.
type Call<P extends Parameters, Result extends Attribution, Run> = {
  of(model: Model, ...given: Arguments<P>): Explain<Result, Run>;
}["of"];

/**
 * One published method: called with a model and options it gives the explainer of that model, which never changes its
 * parameters; and it carries all that a command line, a form and a page of documentation need to know of it.
 *
 * The bounds of the input, for references by color, are those that the model says (`loadModel`), unless `context` says others.
 *
 * @throws ParameterError naming the parameter, its value and its range; also for a parameter that does not exist
 */
export type Method<
  P extends Parameters = Parameters,
  Result extends Attribution = Attribution,
  Run = RunOptions,
  Id extends string = string,
> = Call<P, Result, Run> &
  Description<P, Id> & {
    /** The same call, by the name it had when methods were no functions yet. */
    readonly make: Call<P, Result, Run>;
  };

/** What stands in every result, whatever the mathematics found. */
type Stamp = Pick<Attribution, "method" | "parameters" | "additive" | "channels" | "warnings" | "targetNames">;

/**
 * What a method's mathematics finds. `parameters` are those that it settled itself, by model and input; `warnings` those that the
 * numbers alone do not show.
 */
export type Findings<Result extends Attribution = Attribution> = Omit<Result, keyof Stamp> &
  Partial<Pick<Result, "parameters" | "warnings">>;

interface Definition<P extends Parameters, Found extends Findings, Run, Id extends string>
  extends Omit<Description<P, Id>, "parametersWith" | "channels"> {
  /** Default `"apart"`. */
  readonly channels?: Attribution["channels"];
  /** Which of `parameters` are read with these values; by default all of them, always. */
  readonly parametersWith?: (values: Readonly<Record<string, unknown>>, parameters: P) => Parameters;
  /** Makes the explainer from values that are in range. */
  readonly explainer: (model: Model, values: ValuesOf<P>, context: Context) => Explain<Found, Run>;
  /** Which of the values stand in every result as they are: not those that the method settles itself. By default all. */
  readonly stated?: (values: ValuesOf<P>) => Readonly<Record<string, unknown>>;
}

/** A method from its definition: options are checked before `explainer` sees them, and stand in every result. */
export function method<
  const P extends Parameters,
  Found extends Findings,
  Run extends ProgressOptions = RunOptions,
  const Id extends string = string,
>({
  explainer,
  stated: statedOf = (values) => values,
  parametersWith,
  channels = "apart",
  ...entry
}: Definition<P, Found, Run, Id>): Method<P, Found & Stamp, Run, Id> {
  const { id, name, parameters, additive } = entry;
  const call = (
    model: Model,
    options: Readonly<Record<string, unknown>> = {},
    context = contextOf(model),
  ): Explain<Found & Stamp, Run> => {
    const values = checked(id, parameters, options);
    const at = () => ({ method: name });
    const explain = failingAt(at, () => explainer(model, values, context));
    const stated = plainValues(statedOf(values));
    const explained = async (x: Input | Recording, asked: Run): Promise<Found & Stamp> => {
      const [run, isCallers] = watched(asked);
      // Before anything is made from the input, or fitted.
      throwIfAborted(run);
      try {
        if (!(x instanceof Recording)) tensorsOf(x, runnerOf(model));
        else if (x.network !== undefined && x.network !== networkOf(model)) {
          throw new ParameterError(
            "x",
            "a recording of another model",
            "a recording of the model that is explained, or its input",
          );
        }
        const found = await explain(x, run);
        return {
          ...found,
          ...namesOf(model, found, asked),
          method: name,
          parameters: { ...found.parameters, ...stated },
          additive,
          channels: channels === "repeated" && isRepeated(found) ? channels : "apart",
          warnings: [...warningsOf(found, additive), ...(found.warnings ?? [])],
        };
      } catch (error) {
        throw isCallers(error) ? error : errorAt(error, { method: name });
      }
    };
    return async (x, given) => {
      const run = given === undefined ? ({} as Run) : withIndices(model, given);
      return followed(name, run, (asked) => explained(x, asked));
    };
  };
  const description: Description<P, Id> = {
    ...entry,
    channels,
    parametersWith: (values) => parametersWith?.(values, parameters) ?? parameters,
  };
  return knowing(call, { ...description, make: call });
}

/** Whether all channels of every position have one value, in every input that has channels. */
function isRepeated({ inputs }: Findings): boolean {
  const channelsOf = (shape: readonly number[]) => (shape.length < 3 ? 1 : shape.at(-1)!);
  const several = inputs.filter(({ shape }) => channelsOf(shape) > 1);
  const isSame = ({ relevance, shape }: InputRelevance) =>
    relevance.every((value, entry) => value === relevance[entry - (entry % channelsOf(shape))]);
  return several.length > 0 && several.every(isSame);
}

/** The names of what was explained, where the model knows them: they are those of its first output. */
function namesOf<Run extends object>(model: Model, { target }: Findings, run: Run): Pick<Attribution, "targetNames"> {
  const names = classNamesOf(model);
  if (names === undefined || ("output" in run && (run.output ?? 0) !== 0)) return {};
  // Of two classes that one output tells apart, it speaks for the second.
  const first = names.length === 2 && outputCountOf(model) === 1 ? 1 : 0;
  return { targetNames: target.map((index) => (index === null ? null : (names[first + index] ?? null))) };
}

/** The same run, with indices in the place of class names. */
function withIndices<Run extends ProgressOptions>(model: Model, run: Run): Run {
  if (!("target" in run)) return run;
  const output = "output" in run ? (run.output as number | undefined) : undefined;
  const target = targetIndices(run.target, classNamesOf(model), outputCountOf(model), output);
  return target === run.target ? run : { ...run, target };
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

/** The one input tensor of a model, for methods that take no more. */
export function inputOf(x: Input | Recording): Tensor {
  const [input, ...others] = x instanceof Recording ? x.inputs : Array.isArray(x) ? (x as readonly Tensor[]) : [x];
  if (others.length > 0) throw new InputShapeError("one tensor for this method", `${others.length + 1} tensors`);
  return input as Tensor;
}
