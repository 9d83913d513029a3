import { type Context, contextOf } from "../context.js";
import type { InputRelevance } from "../explanation.js";
import { errorAt, failingAt } from "../failures.js";
import { knowing, plainValues, watched } from "../knowing.js";
import { tensorsOf } from "../network/capture/input.js";
import { runnerOf } from "../network/capture/model.js";
import type { Model } from "../network/index.js";
import { checked, type InputKind, type OptionsOf, type Parameters, type ValuesOf } from "../parameters.js";
import { followed, type ProgressOptions, throwIfAborted } from "../progress.js";
import { checkEvidence, checkInputs, type Evidence, type Need } from "./evidence.js";

/** What a measure looks at. */
export type Category = "faithfulness" | "robustness" | "randomization" | "localization" | "complexity" | "axioms";

/** The twelve properties of an explanation by Nauta et al. 2023, ACM Computing Surveys. */
export type Co12 =
  | "correctness"
  | "completeness"
  | "consistency"
  | "continuity"
  | "contrastivity"
  | "covariate-complexity"
  | "compactness"
  | "composition"
  | "confidence"
  | "context"
  | "coherence"
  | "controllability";

/** Which of two values speaks for an explanation; `"none"` where neither does. */
export type Better = "higher" | "lower" | "none";

/** What is known of a measure without running it. */
interface Description<P extends Parameters, Id extends string> {
  /** As written on a command line: `pixel-flipping`. */
  readonly id: Id;
  /** As published. */
  readonly name: string;
  /** For a heading; by default the name. */
  readonly short?: string;
  readonly category: Category;
  /** Authors, year, venue, equation. */
  readonly reference: string;
  /** Which question it answers, in one sentence. */
  readonly question: string;
  readonly co12: readonly Co12[];
  readonly better: Better;
  /** The least and the greatest value there can be. */
  readonly range: readonly [low: number, high: number];
  /** What one is of; left out where a value is a pure number. */
  readonly unit?: string;
  readonly inputs: readonly InputKind[];
  /** What it must be given beyond a batch and its attribution. */
  readonly needs: readonly Need[];
  readonly parameters: P;
  /** Which value is better with these parameters: the order that is flipped turns it. */
  readonly betterWith: (values: Readonly<Record<string, unknown>>) => Better;
}

/** How a measurement is followed, stopped and seeded. */
export interface MeasureRun extends ProgressOptions {
  /** In place of the parameter `seed` of measures that have one. */
  readonly seed?: number;
}

/** One line of a picture. */
export interface Curve {
  /** The sample of the batch. */
  readonly sample: number;
  /** What it shows, where a sample has several. */
  readonly name?: string;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Why a value is missing or does not mean what it seems to. */
export interface ScoreWarning {
  /**
   * - `not-finite`: the attribution holds NaN or an infinity, and the value is NaN;
   * - `constant`: the attribution is the same everywhere, so that it puts nothing first;
   * - `undefined`: the measure's formula has no value here;
   * - `meaningless`: there is a value, but not for what is asked.
   */
  readonly kind: "not-finite" | "constant" | "undefined" | "meaningless";
  readonly message: string;
  /** The sample of the batch that it is true of; `null` where it is true of all. */
  readonly sample: number | null;
}

/** What a measure found, as plain data. */
export interface Score {
  /** The measure by its name. */
  readonly measure: string;
  /** The parameters it was run with, defaults included. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Which value is better with these parameters. */
  readonly better: Better;
  /** One for each sample; NaN where `warnings` says why. */
  readonly values: Float64Array;
  readonly curves?: readonly Curve[];
  readonly warnings: readonly ScoreWarning[];
}

/** Measures a batch's explanation; samples do not see each other, unless the measure says so. */
export type Measurer<Result extends Score = Score> = (evidence: Evidence, run?: MeasureRun) => Promise<Result>;

/** What a measure's mathematics finds. */
export type Found<Result extends Score = Score> = Omit<Result, keyof Stamp | "warnings"> & {
  /** Those that the measure settled itself, by model and input. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly warnings?: readonly ScoreWarning[];
};

/** What stands in every score. */
type Stamp = Pick<Score, "measure" | "parameters" | "better">;

/** Options may be left out where none must be given. */
type Arguments<P extends Parameters> =
  Record<string, never> extends OptionsOf<P>
    ? [options?: OptionsOf<P>, context?: Context]
    : [options: OptionsOf<P>, context?: Context];

// Declared as a method, so that a list may hold measures of different parameters.
type Call<P extends Parameters, Result extends Score> = {
  of(model: Model, ...given: Arguments<P>): Measurer<Result>;
}["of"];

/**
 * One published measure of explanations: called with a model and options it gives a function that measures, and it carries all
 * that a command line, a form, a table and a page of documentation need to know of it.
 *
 * @throws ParameterError naming the parameter, its value and its range; also for a parameter that does not exist
 */
export type Measure<P extends Parameters = Parameters, Result extends Score = Score, Id extends string = string> = Call<
  P,
  Result
> &
  Description<P, Id>;

interface Definition<P extends Parameters, F extends Found, Id extends string>
  extends Omit<Description<P, Id>, "betterWith"> {
  /** By default always `better`. */
  readonly betterWith?: (values: ValuesOf<P>) => Better;
  /**
   * From values that are in range, what measures. Every number of the attribution that it sees is finite. A sample's numbers
   * do not depend on the others in its batch, not even the random ones: all samples see the same draws.
   */
  readonly measurer: (
    model: Model,
    values: ValuesOf<P>,
    context: Context,
  ) => (evidence: Evidence, run: ProgressOptions) => Promise<F>;
}

/**
 * A measure from its definition. Options are checked before `measurer` sees them; what is missing is named; a sample whose
 * attribution is not finite gets NaN and a warning while the others go on; and no NaN is without a warning.
 */
export function measure<const P extends Parameters, F extends Found, const Id extends string = string>({
  measurer,
  betterWith: betterOf,
  ...entry
}: Definition<P, F, Id>): Measure<P, F & Stamp & Pick<Score, "warnings">, Id> {
  const { id, name, parameters, better, needs } = entry;
  const betterWith = (values: Readonly<Record<string, unknown>>): Better =>
    betterOf?.(checked(id, parameters, values)) ?? better;
  const call = (model: Model, options: Readonly<Record<string, unknown>> = {}, context = contextOf(model)) => {
    const at = () => ({ method: name });
    const made = (values: ValuesOf<P>) => failingAt(at, () => measurer(model, values, context));
    const stated = checked(id, parameters, options);
    const initial = made(stated);
    const measured = async (given: Evidence, { seed, ...asked }: MeasureRun) => {
      const isReseeded = seed !== undefined && "seed" in parameters && seed !== options["seed"];
      const values = isReseeded ? checked(id, parameters, { ...options, seed }) : stated;
      const [run, isCallers] = watched(asked);
      throwIfAborted(run);
      try {
        tensorsOf(given.x, runnerOf(model));
        checkEvidence(name, needs, given);
        checkInputs(name, entry.inputs, given);
        const { evidence, broken } = withoutNonFinite(given);
        const found = await (isReseeded ? made(values) : initial)(evidence, run);
        return {
          ...complete(found, broken),
          measure: name,
          parameters: { ...found.parameters, ...plainValues(values) },
          better: betterWith(values),
        };
      } catch (error) {
        throw isCallers(error) ? error : errorAt(error, { method: name });
      }
    };
    return (evidence: Evidence, run: MeasureRun = {}) => followed(name, run, (asked) => measured(evidence, asked));
  };
  return knowing(call, { ...entry, betterWith });
}

/** Zeros in the place of samples that hold NaN or an infinity, and which these are, with what they hold. */
function withoutNonFinite(evidence: Evidence): { evidence: Evidence; broken: ReadonlyMap<number, number> } {
  const { attribution } = evidence;
  const broken = new Map<number, number>();
  for (const { relevance, shape } of attribution.inputs) {
    const size = relevance.length / shape[0]!;
    for (let sample = 0; sample < shape[0]!; sample++) {
      const bad = relevance.subarray(sample * size, (sample + 1) * size).find((value) => !Number.isFinite(value));
      if (bad !== undefined) broken.set(sample, bad);
    }
  }
  if (broken.size === 0) return { evidence, broken };
  const inputs = attribution.inputs.map(({ relevance, shape }): InputRelevance => {
    const size = relevance.length / shape[0]!;
    const clean = Float32Array.from(relevance);
    for (const sample of broken.keys()) clean.fill(0, sample * size, (sample + 1) * size);
    return { relevance: clean, shape };
  });
  return {
    evidence: { ...evidence, attribution: { ...attribution, inputs, relevance: inputs[0]!.relevance } },
    broken,
  };
}

/** What was found, with NaN for samples that were no explanation, and a reason beside every NaN. */
function complete<F extends Found>(found: F, broken: ReadonlyMap<number, number>): F & Pick<Score, "warnings"> {
  const values = Float64Array.from(found.values);
  const own = (found.warnings ?? []).filter(({ sample }) => sample === null || !broken.has(sample));
  const warnings: ScoreWarning[] = [...broken].map(([sample, value]) => ({
    kind: "not-finite",
    message: `The attribution holds ${value}: there is nothing to measure. Look at the input and at the method's parameters.`,
    sample,
  }));
  for (const sample of broken.keys()) values[sample] = NaN;
  const explained = new Set([...own, ...warnings].map(({ sample }) => sample));
  if (!explained.has(null)) {
    values.forEach((value, sample) => {
      if (Number.isNaN(value) && !explained.has(sample)) {
        warnings.push({ kind: "undefined", message: "The measure's formula has no value here.", sample });
      }
    });
  }
  const curves = found.curves?.filter(({ sample }) => !broken.has(sample));
  return { ...found, values, ...(curves && { curves }), warnings: [...own, ...warnings] };
}
