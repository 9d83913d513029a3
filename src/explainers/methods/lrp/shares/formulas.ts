import type { Rule } from "../rule.js";

/** How an input counts in a rule's quotient. */
export type ShareForm =
  /** `a_i w_ik` */
  | "product"
  /** `(a_i w_ik)⁺` */
  | "positive"
  /** `(a_i w_ik)⁻` */
  | "negative"
  /** `a_i w_ik + γ (a_i w_ik)^±`, of the sign that the unit's own sum has */
  | "sharpened"
  /** `w_ik²` */
  | "squared"
  /** 1 */
  | "even"
  /** `a_i w_ik − l_i w_ik⁺ − h_i w_ik⁻` */
  | "boxed"
  /** `|a_i w_ik|` */
  | "magnitude";

/** One quotient of a rule, of one unit: an input's share in it is `factor · contributions[i] / (sum + bias + stabilizer) · relevance`. */
export interface ShareTerm {
  readonly form: ShareForm;
  readonly factor: number;
  /** Of each input that the unit sees, in their order. */
  readonly contributions: Float64Array;
  /** Of all contributions. */
  readonly sum: number;
  readonly bias: number;
  readonly stabilizer: number;
  /** What it shares out: the unit's relevance, or what biases and stabilizers would have kept. */
  readonly relevance: number;
}

/** A unit and what it sees, as numbers. */
export interface Unit {
  /** `a_i` */
  readonly activations: Float32Array;
  /** `w_ik`, of a sum or an average the factor that it gives to each of its inputs. */
  readonly weights: Float32Array;
  /** The channel of each input. */
  readonly channels: Int32Array;
  /** `b_k`; 0 where there is none or it is left out. */
  readonly bias: number;
  /** What the rule itself added to its first denominator. */
  readonly stabilizer: number;
  /** `R_k` */
  readonly relevance: number;
}

type Formula = (unit: Unit, parameters: Readonly<Record<string, unknown>>) => ShareTerm[];

/**
 * The rules as they were published, for one unit and number by number. They are a second derivation: what they give is compared with
 * what the rule itself gave.
 */
const formulas: Readonly<Record<string, Formula>> = {
  epsilon: (unit) => [term(unit, "product", products(unit))],
  zero: (unit) => [term(unit, "product", products(unit))],
  proportional: (unit) => [term(unit, "product", products(unit), { bias: 0 })],
  gamma(unit, { gamma, epsilon, branch }) {
    const γ = gamma as number;
    const all = products(unit);
    const own = total(all) + (branch === "linear" ? 0 : unit.bias);
    const isOfSign = (value: number) => (own >= 0 ? value > 0 : value < 0);
    const more = (value: number) => (isOfSign(value) ? (1 + γ) * value : value);
    const stabilizer = (own >= 0 ? 1 : -1) * (epsilon as number);
    return [term(unit, "sharpened", all.map(more), { bias: more(unit.bias), stabilizer })];
  },
  alphaBeta: (unit, { alpha, beta, epsilon }) => signed(unit, alpha as number, beta as number, epsilon as number),
  zPlus: (unit, { epsilon }) => signed(unit, 1, 0, epsilon as number),
  excitation: (unit, { epsilon }) => signed({ ...unit, bias: 0 }, 1, 0, epsilon as number),
  contrast: (unit) => signed(unit, 1, 1, 1e-6),
  wSquare: (unit, { epsilon }) => [
    term(
      unit,
      "squared",
      numbers(unit, ({ weight }) => weight ** 2),
      {
        bias: unit.bias ** 2,
        stabilizer: epsilon as number,
      },
    ),
  ],
  flat: (unit, { epsilon }) => [
    term(
      unit,
      "even",
      numbers(unit, () => 1),
      { bias: 0, stabilizer: epsilon as number },
    ),
  ],
  zBox: (unit, { low, high }) => {
    const at = (bound: unknown, channel: number) =>
      typeof bound === "number" ? bound : (bound as readonly number[])[channel]!;
    const boxed = numbers(
      unit,
      ({ activation, weight, channel }) =>
        activation * weight - (weight > 0 ? at(low, channel) : at(high, channel)) * weight,
    );
    return [term(unit, "boxed", boxed, { bias: 0 })];
  },
};

/** The quotients of a rule at one unit; undefined for a rule whose formula is not known here. */
export const termsOf = ({ name, parameters = {} }: Rule, unit: Unit): ShareTerm[] | undefined =>
  formulas[name]?.(unit, parameters);

/** What biases and stabilizers would keep, shared in proportion to `|a_i w_ik|`, and evenly where all of these are zero. */
export function distributed(unit: Unit, terms: readonly ShareTerm[]): ShareTerm {
  const left = terms.reduce(
    (sum, { factor, sum: whole, bias, stabilizer, relevance }) =>
      sum + (factor * (bias + stabilizer) * relevance) / (whole + bias + stabilizer),
    0,
  );
  const magnitudes = products(unit).map(Math.abs);
  const isEmpty = total(magnitudes) === 0;
  const counted = isEmpty ? magnitudes.fill(1) : magnitudes;
  const form = isEmpty ? "even" : "magnitude";
  return { ...term(unit, form, counted, { bias: 0, stabilizer: 0 }), relevance: left };
}

/** What each input has of all quotients together. */
export function sharesOf(terms: readonly ShareTerm[]): Float64Array {
  const shares = new Float64Array(terms[0]?.contributions.length ?? 0);
  for (const { factor, contributions, sum, bias, stabilizer, relevance } of terms) {
    const each = (factor * relevance) / (sum + bias + stabilizer);
    if (relevance === 0) continue;
    for (let i = 0; i < shares.length; i++) shares[i]! += contributions[i]! * each;
  }
  return shares;
}

/** α times what speaks for, minus β times what speaks against. */
function signed(unit: Unit, α: number, β: number, ε: number): ShareTerm[] {
  const all = products(unit);
  const [up, down] = [(value: number) => Math.max(value, 0), (value: number) => Math.min(value, 0)];
  return [
    { ...term(unit, "positive", all.map(up), { bias: up(unit.bias), stabilizer: ε }), factor: α },
    ...(β === 0
      ? []
      : [{ ...term(unit, "negative", all.map(down), { bias: down(unit.bias), stabilizer: -ε }), factor: -β }]),
  ];
}

function term(
  unit: Unit,
  form: ShareForm,
  contributions: Float64Array,
  { bias = unit.bias, stabilizer = unit.stabilizer }: { bias?: number; stabilizer?: number } = {},
): ShareTerm {
  return { form, factor: 1, contributions, sum: total(contributions), bias, stabilizer, relevance: unit.relevance };
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

const products = (unit: Unit): Float64Array => numbers(unit, ({ activation, weight }) => activation * weight);

function numbers(
  { activations, weights, channels }: Unit,
  count: (input: { activation: number; weight: number; channel: number }) => number,
): Float64Array {
  return Float64Array.from(activations, (activation, i) =>
    count({ activation, weight: weights[i]!, channel: channels[i]! }),
  );
}
