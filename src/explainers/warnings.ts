import type { Attribution, Ledger, Warning } from "./explanation.js";

/** What is looked at. */
type Found = Pick<Attribution, "inputs" | "output"> & Partial<Ledger>;

/** How many times the output one entry may have: more is not a share of it. */
const LARGEST_RATIO = 1e4;
const LARGEST_BIAS_SHARE = 0.99;
/** What rounding may take of the output. */
const LARGEST_LOSS = 0.01;
/** Half the distance of float32 numbers at 1. */
const ROUNDING = 2 ** -24;

const stabler =
  "Try a composite with γ or α-β rules, a larger epsilon, or a gradient method such as integrated gradients.";

/** Looks at what was found for what cannot be meant. */
export function warningsOf({ inputs, output, ...found }: Found, additive: boolean): Warning[] {
  const warnings = new Map<Warning["kind"], Warning>();
  const warn = (warning: Warning) => warnings.has(warning.kind) || warnings.set(warning.kind, warning);
  for (const [sample, value] of output.entries()) {
    const { largest, sum } = extent(inputs, sample, output.length);
    if (largest === 0) {
      warn({
        kind: "zero",
        value: 0,
        sample,
        message:
          "All values are zero: nothing reached the input. Name another layer or target, keep negative values " +
          "(relu: false of class activation maps), or compare with a perturbation method.",
      });
    } else if (additive && largest > LARGEST_RATIO * Math.abs(value)) {
      warn({
        kind: "scale",
        value: largest,
        sample,
        message: `Values reach ${short(largest)}, but the output is ${short(value)}: they are no shares of it. ${stabler}`,
      });
    }
    if (additive && largest * ROUNDING > Math.abs(sum)) {
      warn({
        kind: "rounding",
        value: sum,
        sample,
        message:
          `The sum ${short(sum)} is rounding: the largest value, ${short(largest)}, is known to ` +
          `${short(largest * ROUNDING)}. ${stabler}`,
      });
    }
  }
  const lost = lostOf(found, output);
  if (lost !== undefined && Math.abs(lost.value) > LARGEST_LOSS * lost.whole) {
    warn({
      kind: "rounding",
      value: lost.value,
      sample: null,
      message:
        `Rounding took ${short(lost.value)} of ${short(lost.whole)} on the way: values that cancel are larger by orders than ` +
        `what they add up to. ${stabler}`,
    });
  }
  const { biasRelevance, relevanceSum, emptyRelevance } = found;
  if (biasRelevance !== undefined && relevanceSum !== undefined && emptyRelevance !== undefined) {
    const kept = Math.abs(biasRelevance);
    const share = kept / (kept + Math.abs(relevanceSum) + Math.abs(emptyRelevance));
    if (share > LARGEST_BIAS_SHARE) {
      warn({
        kind: "bias",
        value: share,
        sample: null,
        message:
          `Biases kept ${(100 * share).toFixed(1)} % of what was explained: the map shows the rest. ` +
          'Try bias: "ignore", or a composite with γ.',
      });
    }
  }
  return [...warnings.values()];
}

/** What neither arrived nor stayed anywhere of what was sent back, of methods that keep a ledger. */
function lostOf(
  {
    layers,
    relevanceSum = 0,
    biasRelevance = 0,
    emptyRelevance = 0,
    maskedRelevance = 0,
  }: Omit<Found, "inputs" | "output">,
  output: readonly number[],
): { value: number; whole: number } | undefined {
  const start = layers?.at(-1);
  if (start === undefined) return undefined;
  const accounted = relevanceSum + biasRelevance + emptyRelevance + maskedRelevance;
  const outputs = output.reduce((total, value) => total + Math.abs(value), 0);
  return { value: start.sum - accounted, whole: Math.max(Math.abs(start.sum), outputs) };
}

/** The largest magnitude of a sample, and the sum, over all inputs. */
function extent(inputs: Attribution["inputs"], sample: number, batch: number): { largest: number; sum: number } {
  let [largest, sum] = [0, 0];
  for (const { relevance } of inputs) {
    const size = relevance.length / batch;
    for (let i = sample * size; i < (sample + 1) * size; i++) {
      const value = relevance[i]!;
      sum += value;
      largest = Math.max(largest, Math.abs(value));
    }
  }
  return { largest, sum };
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
