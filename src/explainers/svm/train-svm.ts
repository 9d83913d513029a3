import { ParameterError } from "../errors.js";
import { follow, type ProgressOptions } from "../progress.js";
import { checkKernel, type Kernel, kernelValue, type Rows, rowsOf } from "./kernels.js";
import { checkedSvm, type Decision, type SupportVectorMachine } from "./svm.js";

export interface TrainSvmOptions extends ProgressOptions {
  /** Default `{ kind: "linear" }`. */
  readonly kernel?: Kernel;
  /** C, the price of a violated margin, > 0, default 1. */
  readonly cost?: number;
  /** Stops when the optimality conditions are violated by less, default 1e-3. */
  readonly tolerance?: number;
  /** Most bytes for the kernel matrix, default 512 MiB (8192 samples). */
  readonly memoryBudget?: number;
}

/** Pairs optimized between two looks at the abort signal. */
const PAIRS_A_STEP = 1000;

/**
 * Trains a C-support vector classifier by sequential minimal optimization with second-order working set selection
 * (Fan, Chen & Lin 2005), one decision function for each pair of classes; the first class of a pair is positive.
 *
 * @param vectors `[samples][dimensions]`
 * @param labels The class of each sample; at least two different ones.
 * @throws ParameterError for options out of range, a single class, or a kernel matrix beyond the budget; AbortedError.
 * @example
 * const svm = await trainSvm(histograms, labels, { kernel: { kind: "histogramIntersection" }, cost: 10 });
 */
export async function trainSvm<Label extends number | string>(
  vectors: readonly ArrayLike<number>[],
  labels: readonly Label[],
  options: TrainSvmOptions = {},
): Promise<SupportVectorMachine> {
  const { kernel = { kind: "linear" }, cost = 1, tolerance = 1e-3, memoryBudget = 512 * 2 ** 20 } = options;
  checkKernel(kernel);
  if (!(cost > 0)) throw new ParameterError("cost", cost, "positive");
  if (!(tolerance > 0)) throw new ParameterError("tolerance", tolerance, "positive");
  const data = rowsOf(vectors);
  if (labels.length !== data.rows)
    throw new ParameterError("labels.length", labels.length, `${data.rows}, one for each vector`);
  const bytes = data.rows ** 2 * 8;
  if (bytes > memoryBudget)
    throw new ParameterError("memoryBudget", memoryBudget, `at least ${bytes} bytes for ${data.rows} vectors`);
  const classes = [...new Set(labels)];
  if (classes.length < 2) throw new ParameterError("labels", classes[0], "of at least two classes");
  const pairs = classes.flatMap((positive, i) => classes.slice(i + 1).map((negative) => [positive, negative] as const));
  const progress = follow(pairs.length, options);
  const matrix = kernelMatrix(kernel, data);
  const decisions: Decision[] = [];
  for (const [positive, negative] of pairs) {
    const members = labels.flatMap((label, i) => (label === positive || label === negative ? [i] : []));
    const signs = Float64Array.from(members, (i) => (labels[i] === positive ? 1 : -1));
    const solver = solve(matrix, data.rows, members, signs, cost, tolerance);
    let step = solver.next();
    for (; !step.done; step = solver.next()) await progress.step(0);
    const coefficients = new Float64Array(data.rows);
    members.forEach((sample, i) => {
      coefficients[sample] = step.value!.alphas[i]! * signs[i]!;
    });
    decisions.push({ positive, negative, coefficients, intercept: step.value.intercept });
    await progress.step(1);
  }
  return checkedSvm(withoutIdle(kernel, data, decisions));
}

function kernelMatrix(kernel: Kernel, data: Rows): Float64Array {
  const { rows, dimensions, values } = data;
  const matrix = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    const x = values.subarray(i * dimensions, (i + 1) * dimensions);
    for (let j = 0; j <= i; j++) {
      const value = kernelValue(kernel, x, data, j);
      matrix[i * rows + j] = value;
      matrix[j * rows + i] = value;
    }
  }
  return matrix;
}

interface Solution {
  readonly alphas: Float64Array;
  readonly intercept: number;
}

/** min ½ αᵀQα − Σα with 0 ≤ α ≤ cost and yᵀα = 0, Q_ij = y_i y_j k_ij; yields now and then. */
function* solve(
  matrix: Float64Array,
  rows: number,
  members: readonly number[],
  y: Float64Array,
  cost: number,
  tolerance: number,
): Generator<void, Solution> {
  const n = members.length;
  const alphas = new Float64Array(n);
  const gradient = new Float64Array(n).fill(-1);
  const k = (i: number, j: number) => matrix[members[i]! * rows + members[j]!]!;
  const mayRise = (i: number) => (y[i]! > 0 ? alphas[i]! < cost : alphas[i]! > 0);
  const mayFall = (i: number) => (y[i]! > 0 ? alphas[i]! > 0 : alphas[i]! < cost);
  const TINY = 1e-12;
  let up = 0;
  let down = 0;
  for (let iteration = 0; ; iteration++) {
    // i violates the conditions most; j gains most together with it.
    let i = -1;
    up = Number.NEGATIVE_INFINITY;
    for (let t = 0; t < n; t++) {
      const value = -y[t]! * gradient[t]!;
      if (mayRise(t) && value > up) {
        up = value;
        i = t;
      }
    }
    let j = -1;
    let best = Number.POSITIVE_INFINITY;
    down = Number.POSITIVE_INFINITY;
    for (let t = 0; t < n; t++) {
      if (!mayFall(t)) continue;
      const value = -y[t]! * gradient[t]!;
      down = Math.min(down, value);
      const gap = up - value;
      if (i >= 0 && gap > 0) {
        const curvature = Math.max(k(i, i) + k(t, t) - 2 * k(i, t), TINY);
        if (-(gap * gap) / curvature < best) {
          best = -(gap * gap) / curvature;
          j = t;
        }
      }
    }
    if (i < 0 || j < 0 || up - down < tolerance) break;
    // Along the pair's line yᵀα stays 0; the step ends where the quadratic is least or a bound is met.
    const curvature = Math.max(k(i, i) + k(j, j) - 2 * k(i, j), TINY);
    let step = (up + y[j]! * gradient[j]!) / curvature;
    step = Math.min(step, y[i]! > 0 ? cost - alphas[i]! : alphas[i]!, y[j]! > 0 ? alphas[j]! : cost - alphas[j]!);
    alphas[i] = clamp(alphas[i]! + y[i]! * step, cost);
    alphas[j] = clamp(alphas[j]! - y[j]! * step, cost);
    for (let t = 0; t < n; t++) gradient[t]! += y[t]! * step * (k(t, i) - k(t, j));
    if (iteration % PAIRS_A_STEP === PAIRS_A_STEP - 1) yield;
  }
  return { alphas, intercept: interceptOf(alphas, gradient, y, cost, up, down) };
}

/** Free support vectors lie on the margin; without any, the middle of what the others allow. */
function interceptOf(
  alphas: Float64Array,
  gradient: Float64Array,
  y: Float64Array,
  cost: number,
  up: number,
  down: number,
): number {
  let sum = 0;
  let free = 0;
  alphas.forEach((alpha, t) => {
    if (alpha > 0 && alpha < cost) {
      sum -= y[t]! * gradient[t]!;
      free++;
    }
  });
  return free > 0 ? sum / free : (up + down) / 2;
}

const clamp = (alpha: number, cost: number) => (alpha < 1e-14 * cost ? 0 : alpha > cost * (1 - 1e-14) ? cost : alpha);

/** Leaves out vectors that support no decision. */
function withoutIdle(kernel: Kernel, data: Rows, decisions: readonly Decision[]): SupportVectorMachine {
  const used = Array.from({ length: data.rows }, (_, i) => i).filter((i) =>
    decisions.some((d) => d.coefficients[i] !== 0),
  );
  const vectors = used.map((i) => data.values.subarray(i * data.dimensions, (i + 1) * data.dimensions));
  return {
    kernel,
    supportVectors: rowsOf(vectors, "vectors"),
    decisions: decisions.map((decision) => ({
      ...decision,
      coefficients: Float64Array.from(used, (i) => decision.coefficients[i]!),
    })),
  };
}
