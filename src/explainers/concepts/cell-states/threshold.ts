/** A threshold, and the side of it on which a rule is said to hold. */
export interface Fit {
  readonly threshold: number;
  readonly side: "above" | "below";
}

/** The values of a cell in order, to find the best threshold for one rule after another in one pass each. */
export class SortedCell {
  readonly #order: Uint32Array;
  readonly #values: Float32Array;

  constructor(values: Float32Array) {
    this.#values = values;
    this.#order = orderOf(values);
  }

  /** The threshold of the largest F1 for a rule of zeros and ones; `undefined` where the values are all the same. */
  best(rule: Float32Array): Fit | undefined {
    const order = this.#order;
    const values = this.#values;
    const rows = order.length;
    let holds = 0;
    for (let at = 0; at < rows; at++) holds += rule[at]!;
    let largest = -1;
    let fit: Fit | undefined;
    let below = 0;
    for (let place = 0; place + 1 < rows; place++) {
      below += rule[order[place]!]!;
      const value = values[order[place]!]!;
      const next = values[order[place + 1]!]!;
      if (value === next) continue;
      // "below" says that it holds at the first place + 1, "above" at all others.
      const said = place + 1;
      const forBelow = (2 * below) / (said + holds);
      const forAbove = (2 * (holds - below)) / (rows - said + holds);
      const score = Math.max(forBelow, forAbove);
      if (score <= largest) continue;
      largest = score;
      fit = { threshold: between(value, next), side: forAbove >= forBelow ? "above" : "below" };
    }
    return fit;
  }
}

/** A number that is not below the first and below the second, as single precision holds them. */
function between(value: number, next: number): number {
  const middle = Math.fround((value + next) / 2);
  return middle < next ? middle : value;
}

/** Up to so many indices fit beside a value of single precision. */
const ROOM = 2 ** 20;

/** Indices by value: both are packed into one number, which typed arrays sort by themselves. */
function orderOf(values: Float32Array): Uint32Array {
  if (values.length > ROOM) return Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const bits = new Int32Array(Float32Array.from(values, (value) => value + 0).buffer);
  const keys = new Float64Array(values.length);
  for (let at = 0; at < keys.length; at++) {
    // Negative numbers are in reverse order as integers.
    const rank = bits[at]! >= 0 ? bits[at]! : -(bits[at]! & 0x7fffffff);
    keys[at] = rank * ROOM + at;
  }
  keys.sort();
  return Uint32Array.from(keys, (key) => ((key % ROOM) + ROOM) % ROOM);
}
