import type { Tensor } from "@tensorflow/tfjs-core";
import { ModelError } from "../../errors.js";

/** What a cell computes with; the names of its class and weights are TensorFlow.js'. */
export interface CellLike {
  readonly name: string;
  readonly units?: number;
  readonly kernel?: Variable;
  readonly recurrentKernel?: Variable;
  readonly bias?: Variable | null;
  readonly activation?: ActivationLike;
  readonly recurrentActivation?: ActivationLike;
  readonly cells?: readonly CellLike[];
}

interface Variable {
  read(): Tensor;
}

interface ActivationLike {
  getClassName?(): string;
}

/** Which cell it is. */
export type CellKind = "LSTM" | "GRU" | "SimpleRNN";

/** What lets through: an LSTM's `input`, `forget` and `output`, a GRU's `update` (kept from before, where it is 1) and `reset`. */
export type GateName = "input" | "forget" | "output" | "update" | "reset";

/** One step of a cell with numbers of plain arrays: much faster for one sequence than one operation of a backend at a time. */
export interface Step {
  readonly kind: CellKind;
  readonly units: number;
  readonly gates: readonly GateName[];
  /** How many states of `units` numbers it hands on; the first is its output. */
  readonly states: number;
  /** Which of its states is the cell's memory. */
  readonly memory: number;
  /**
   * Computes the next states in place, from row `at` of `x`.
   *
   * @param gates receives the values of the gates, `units` each, in order
   */
  advance(x: ArrayLike<number>, at: number, states: readonly Float32Array[], gates: Float32Array): void;
}

/** Keras' names of functions of one number, in lower case without separators. */
const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  hardsigmoid: (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  linear: (x) => x,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  softsign: (x) => x / (1 + Math.abs(x)),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  exponential: Math.exp,
};

const simplified = (name: string) => name.replace(/[-_ ]/g, "").toLowerCase();

function functionOf(layer: string, activation: ActivationLike | undefined, role: string): (x: number) => number {
  const name = activation?.getClassName?.() ?? "linear";
  const found = FUNCTIONS[simplified(name)];
  if (found !== undefined) return found;
  throw new ModelError(
    `The cells of layer "${layer}" cannot be seen: the ${role} "${name}" is none of ${Object.keys(FUNCTIONS).join(", ")}.`,
  );
}

/** A matrix as it is read. */
interface Matrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

function matrixOf(layer: string, variable: Variable | undefined, role: string): Matrix {
  const tensor = variable?.read();
  if (tensor?.rank !== 2)
    throw new ModelError(`The cells of layer "${layer}" cannot be seen: they have no ${role} matrix.`);
  return { values: tensor.dataSync<"float32">() as Float32Array, rows: tensor.shape[0]!, columns: tensor.shape[1]! };
}

/** z[from …] += x[at …] · m[:, from …], over the columns from `from` up to `to`. */
function addProduct(z: Float64Array, x: ArrayLike<number>, at: number, m: Matrix, from = 0, to = m.columns): void {
  const { values, rows, columns } = m;
  for (let row = 0; row < rows; row++) {
    const factor = x[at + row]!;
    // Inputs are often one-hot, and states begin with zeros.
    if (factor === 0) continue;
    const start = row * columns;
    for (let column = from; column < to; column++) z[column]! += factor * values[start + column]!;
  }
}

/**
 * The step of a TensorFlow.js cell.
 *
 * @throws ModelError for a cell that is none of LSTM, GRU and SimpleRNN, or has another activation than those known
 */
export function stepOf(layer: string, cell: CellLike, className: string): Step {
  switch (className) {
    case "LSTMCell":
      return lstm(layer, cell);
    case "GRUCell":
      return gru(layer, cell, false);
    case "KerasGRUCell":
      return gru(layer, cell, true);
    case "SimpleRNNCell":
      return simple(layer, cell);
    default:
      throw new ModelError(
        `The cells of layer "${layer}" cannot be seen: its cell is of class ${className}; known are LSTMCell, GRUCell (reset before or after) and SimpleRNNCell.`,
      );
  }
}

function weightsOf(layer: string, cell: CellLike) {
  const recurrent = matrixOf(layer, cell.recurrentKernel, "recurrent");
  const bias = cell.bias ? (cell.bias.read().dataSync<"float32">() as Float32Array) : undefined;
  return { kernel: matrixOf(layer, cell.kernel, "input"), recurrent, bias, units: recurrent.rows };
}

/** Hochreiter & Schmidhuber 1997 with a forget gate: c′ = f ∘ c + i ∘ g(…), h′ = o ∘ g(c′). */
function lstm(layer: string, cell: CellLike): Step {
  const { kernel, recurrent, bias, units } = weightsOf(layer, cell);
  const gate = functionOf(layer, cell.recurrentActivation, "recurrent activation");
  const squash = functionOf(layer, cell.activation, "activation");
  const z = new Float64Array(4 * units);
  return {
    kind: "LSTM",
    units,
    gates: ["input", "forget", "output"],
    states: 2,
    memory: 1,
    advance(x, at, states, gates) {
      const [h, c] = states as [Float32Array, Float32Array];
      if (bias) z.set(bias);
      else z.fill(0);
      addProduct(z, x, at, kernel);
      addProduct(z, h, 0, recurrent);
      for (let unit = 0; unit < units; unit++) {
        const i = gate(z[unit]!);
        const f = gate(z[units + unit]!);
        const o = gate(z[3 * units + unit]!);
        c[unit] = f * c[unit]! + i * squash(z[2 * units + unit]!);
        h[unit] = o * squash(c[unit]!);
        gates[unit] = i;
        gates[units + unit] = f;
        gates[2 * units + unit] = o;
      }
    },
  };
}

/** Cho et al. 2014: h′ = z ∘ h + (1 − z) ∘ g(Wx + U(r ∘ h)); with `resetAfter` g(Wx + b + r ∘ (Uh + b′)), Keras' default. */
function gru(layer: string, cell: CellLike, resetAfter: boolean): Step {
  const { kernel, recurrent, bias, units } = weightsOf(layer, cell);
  const gate = functionOf(layer, cell.recurrentActivation, "recurrent activation");
  const squash = functionOf(layer, cell.activation, "activation");
  const fromInput = bias?.subarray(0, 3 * units);
  const fromState = resetAfter ? bias?.subarray(3 * units) : undefined;
  const x_ = new Float64Array(3 * units);
  const h_ = new Float64Array(3 * units);
  const reset = new Float64Array(units);
  const begin = (z: Float64Array, values: Float32Array | undefined) => {
    if (values) z.set(values);
    else z.fill(0);
  };
  return {
    kind: "GRU",
    units,
    gates: ["update", "reset"],
    states: 1,
    memory: 0,
    advance(x, at, states, gates) {
      const h = states[0]!;
      begin(x_, fromInput);
      begin(h_, fromState);
      addProduct(x_, x, at, kernel);
      addProduct(h_, h, 0, recurrent, 0, resetAfter ? 3 * units : 2 * units);
      for (let unit = 0; unit < units; unit++) {
        gates[unit] = gate(x_[unit]! + h_[unit]!);
        gates[units + unit] = gate(x_[units + unit]! + h_[units + unit]!);
      }
      if (!resetAfter) {
        for (let unit = 0; unit < units; unit++) reset[unit] = gates[units + unit]! * h[unit]!;
        addProduct(h_, reset, 0, recurrent, 2 * units);
      }
      for (let unit = 0; unit < units; unit++) {
        const r = resetAfter ? gates[units + unit]! : 1;
        const found = squash(x_[2 * units + unit]! + r * h_[2 * units + unit]!);
        h[unit] = gates[unit]! * h[unit]! + (1 - gates[unit]!) * found;
      }
    },
  };
}

/** Elman 1990: h′ = g(Wx + b + Uh). */
function simple(layer: string, cell: CellLike): Step {
  const { kernel, recurrent, bias, units } = weightsOf(layer, cell);
  const squash = functionOf(layer, cell.activation, "activation");
  const z = new Float64Array(units);
  return {
    kind: "SimpleRNN",
    units,
    gates: [],
    states: 1,
    memory: 0,
    advance(x, at, states) {
      const h = states[0]!;
      if (bias) z.set(bias);
      else z.fill(0);
      addProduct(z, x, at, kernel);
      addProduct(z, h, 0, recurrent);
      for (let unit = 0; unit < units; unit++) h[unit] = squash(z[unit]!);
    },
  };
}
