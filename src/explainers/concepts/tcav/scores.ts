import { seededRandom } from "../../numerics/random.js";
import { mean } from "../../numerics/summary.js";
import type { SeparatorKind } from "../separator.js";
import { accuracyOf, type Direction, directionOf, type Products } from "./directions.js";
import type { Sets } from "./sets.js";
import { amongRandom, betweenRuns, furtherDraw, type Test } from "./significance.js";

/** What was found of one concept at one layer. */
export interface Found {
  /** The TCAV score: the share of inputs whose derivative along the concept is positive, the mean over the runs. */
  readonly score: number;
  /** Of each run. */
  readonly scores: readonly number[];
  /** Of the score, at the level 1 − α; `null` where nothing is tested. */
  readonly interval: Interval | null;
  /** The mean derivative along the concept's vector of length 1, in units of the output by unit of the layer's values. */
  readonly magnitude: number;
  readonly magnitudes: readonly number[];
  readonly magnitudeInterval: Interval | null;
  /** Of pictures that were left out, the share on its own side of the separator; chance is ½. */
  readonly accuracy: number;
  /** Of the statistic that was asked for, two-sided; `null` where there are no random pictures, so that nothing is tested. */
  readonly pValue: number | null;
  readonly t: number | null;
  readonly degrees: number | null;
  /** The same of either statistic, whichever was asked for. */
  readonly pValues: Readonly<Record<Statistic, number>> | null;
  /** Inputs from the one that lies furthest towards the concept to the one that lies furthest away. */
  readonly order: readonly number[];
  /** What a smaller number of random sets would have found: how many are enough. */
  readonly bySets: readonly SetsEnough[];
}

interface SetsEnough {
  readonly sets: number;
  readonly score: number;
  readonly interval: Interval | null;
  readonly magnitude: number;
  readonly magnitudeInterval: Interval | null;
  readonly pValue: number | null;
}

type Interval = readonly [number, number];

/** What can be tested: the mean derivative, or the share of positive ones. */
export type Statistic = "derivative" | "sign";

export interface Fitting {
  readonly separator: SeparatorKind;
  readonly regularization: number;
  readonly statistic: Statistic;
  readonly test: "concepts" | "runs";
  readonly significance: number;
  readonly folds: number;
  readonly seed: number;
  /** Called after each fit. */
  readonly step: () => Promise<void>;
}

/** Of how many runs the accuracy is looked at. */
const ACCURACY_RUNS = 10;

/** What one direction says of all inputs. */
interface Effect {
  readonly share: number;
  readonly derivative: number;
}

const effectOf = ({ derivatives }: Direction): Effect => ({
  // A derivative of 0 is neither way.
  share: mean(Array.from(derivatives, (value) => (Math.sign(value) + 1) / 2)),
  derivative: mean(Array.from(derivatives)),
});

/** Steps of progress for one layer. */
export function fitCount({ concepts, random }: Sets, { relative }: { readonly relative: boolean }): number {
  const sets = random.length;
  const looks = Math.min(ACCURACY_RUNS, sets);
  if (relative) return concepts.size * (1 + 1 + sets);
  const sizes = new Set([...concepts.values()].map((rows) => sizeAmong(rows.length, random)));
  return concepts.size * (sets + looks) + (sizes.size * sets * (sets - 1)) / 2;
}

/** Random sets are as large as the concept, where they have pictures enough: smaller ones differ more. */
const sizeAmong = (size: number, random: readonly (readonly number[])[]): number =>
  Math.min(size, ...random.map((rows) => rows.length));

/** Each concept against every random set. */
export async function againstRandom(products: Products, sets: Sets, fitting: Fitting): Promise<[string, Found][]> {
  const among = new Map<number, Effect[][]>();
  const result: [string, Found][] = [];
  for (const [name, rows] of sets.concepts) {
    const size = sizeAmong(rows.length, sets.random);
    const random = sets.random.map((set) => set.slice(0, size));
    let matrix = among.get(size);
    if (matrix === undefined) {
      matrix = await effectsAmong(products, random, fitting);
      among.set(size, matrix);
    }
    const effects: Effect[] = [];
    const positions = new Float64Array(products.count);
    for (const set of random) {
      const direction = directionOf(products, rows, set, fitting);
      effects.push(effectOf(direction));
      direction.positions().forEach((value, input) => {
        positions[input]! += value;
      });
      await fitting.step();
    }
    const accuracies: number[] = [];
    for (const set of random.slice(0, ACCURACY_RUNS)) {
      accuracies.push(accuracyOf(products, rows, set, { ...fitting, folds: foldsFor(fitting, rows, set) }));
      await fitting.step();
    }
    const at = (count: number) => judged(effects.slice(0, count), matrix.slice(0, count), fitting);
    const whole = at(effects.length);
    const bySets = steps(effects.length).map((count) => {
      const { score, interval, magnitude, magnitudeInterval, pValue } = at(count);
      return { sets: count, score, interval, magnitude, magnitudeInterval, pValue };
    });
    result.push([
      name,
      {
        ...whole,
        scores: effects.map(({ share }) => share),
        magnitudes: effects.map(({ derivative }) => derivative),
        accuracy: mean(accuracies),
        order: orderOf(positions),
        bySets,
      },
    ]);
  }
  return result;
}

/** `[i][j]`: random set i against random set j. The other way round a direction is its opposite. */
async function effectsAmong(
  products: Products,
  random: readonly (readonly number[])[],
  fitting: Fitting,
): Promise<Effect[][]> {
  const effects: Effect[][] = random.map(() => []);
  for (let i = 0; i < random.length; i++) {
    effects[i]![i] = { share: 0.5, derivative: 0 };
    for (let j = 0; j < i; j++) {
      const effect = effectOf(directionOf(products, random[i]!, random[j]!, fitting));
      effects[i]![j] = effect;
      effects[j]![i] = { share: 1 - effect.share, derivative: -effect.derivative };
      await fitting.step();
    }
  }
  return effects;
}

function judged(effects: readonly Effect[], among: readonly (readonly Effect[])[], fitting: Fitting) {
  const { significance, test } = fitting;
  const count = effects.length;
  const tested = (of: (effect: Effect) => number, neutral: number): Test => {
    const own = effects.map(of);
    const others = among.map((row) => row.slice(0, count).map(of));
    if (test === "concepts") return amongRandom(own, others, neutral, significance);
    // Set 0 against set 1, 2 against 3 …: runs of random concepts that share nothing.
    const runs = others.flatMap((row, i) => (i % 2 === 0 && i + 1 < count ? [row[i + 1]!] : []));
    return betweenRuns(own, runs.length > 1 ? runs : others.flatMap((row, i) => row.slice(0, i)), significance);
  };
  return summed(
    tested(({ share }) => share, 0.5),
    tested(({ derivative }) => derivative, 0),
    mean(effects.map(({ share }) => share)),
    mean(effects.map(({ derivative }) => derivative)),
    fitting,
  );
}

function summed(ofShare: Test, ofDerivative: Test, score: number, magnitude: number, { statistic }: Fitting) {
  const { t, degrees, pValue } = statistic === "sign" ? ofShare : ofDerivative;
  const clipped = ofShare.interval.map((end) => Math.min(1, Math.max(0, end))) as [number, number];
  const pValues = { derivative: ofDerivative.pValue, sign: ofShare.pValue };
  return { score, interval: clipped, magnitude, magnitudeInterval: ofDerivative.interval, pValue, t, degrees, pValues };
}

/** Each concept against all others together; random sets against as many others show what comes of nothing. */
export async function againstOthers(products: Products, sets: Sets, fitting: Fitting): Promise<[string, Found][]> {
  const result: [string, Found][] = [];
  const generator = seededRandom(fitting.seed);
  for (const [name, rows] of sets.concepts) {
    const others = [...sets.concepts].filter(([other]) => other !== name).map(([, own]) => own);
    const direction = directionOf(products, rows, others.flat(), fitting);
    const own = effectOf(direction);
    await fitting.step();
    const accuracy = accuracyOf(products, rows, others.flat(), {
      ...fitting,
      folds: foldsFor(fitting, rows, others.flat()),
    });
    await fitting.step();
    const random: Effect[] = [];
    for (const [index, set] of sets.random.entries()) {
      const rest = [...generator.permutation(sets.random.length)].filter((other) => other !== index);
      const against = others.flatMap((concept, k) => {
        const from = sets.random[rest[k % rest.length]!]!;
        return from.slice(0, concept.length);
      });
      random.push(effectOf(directionOf(products, set.slice(0, rows.length), against, fitting)));
      await fitting.step();
    }
    const at = (count: number) => {
      if (count === 0) return { score: own.share, magnitude: own.derivative, ...untested };
      const seen = random.slice(0, count);
      const ofShare = furtherDraw(
        own.share,
        seen.map(({ share }) => share),
        fitting.significance,
      );
      const ofDerivative = furtherDraw(
        own.derivative,
        seen.map(({ derivative }) => derivative),
        fitting.significance,
      );
      return summed(ofShare, ofDerivative, own.share, own.derivative, fitting);
    };
    result.push([
      name,
      {
        ...at(random.length),
        scores: [own.share],
        magnitudes: [own.derivative],
        accuracy,
        order: orderOf(direction.positions()),
        bySets: steps(random.length).map((count) => {
          const { score, interval, magnitude, magnitudeInterval, pValue } = at(count);
          return { sets: count, score, interval, magnitude, magnitudeInterval, pValue };
        }),
      },
    ]);
  }
  return result;
}

const foldsFor = ({ folds }: Fitting, ...groups: readonly (readonly number[])[]): number =>
  Math.min(folds, ...groups.map((rows) => rows.length));

const orderOf = (positions: Float64Array): number[] =>
  Array.from(positions, (_, input) => input).sort((a, b) => positions[b]! - positions[a]!);

const untested = { interval: null, magnitudeInterval: null, pValue: null, t: null, degrees: null, pValues: null };

/** 3, 4, 5, 7, 10, 15, 20, 30 … up to `all`. */
function steps(all: number): number[] {
  const found: number[] = [];
  for (let decade = 1; decade <= all; decade *= 10) {
    for (const lead of [1, 1.5, 2, 3, 4, 5, 7]) found.push(lead * decade);
  }
  const smaller = found.filter((count) => Number.isInteger(count) && count >= 3 && count < all);
  return all === 0 ? [] : [...smaller, all];
}
