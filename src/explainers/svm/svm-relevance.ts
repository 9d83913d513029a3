import { ParameterError } from "../errors.js";
import { addKernelGradient, type Kernel, kernelValue, type Rows } from "./kernels.js";
import { checkVector, decisionOf, decisionValue, type SupportVectorMachine } from "./svm.js";

export interface SvmOptions {
  /** Which decision function, default 0. */
  readonly target?: number;
  /**
   * For polynomial and RBF kernels: `"path"` (default) integrates the gradient along the line from the root point, in closed
   * form; `"taylor"` takes the first-order terms at the root point.
   */
  readonly decomposition?: "path" | "taylor";
  /**
   * Where a polynomial or RBF machine's line begins; default for RBF, the nearest support vector of the other decision;
   * for polynomials, the origin. The root point is where the decision function first vanishes from x towards it.
   */
  readonly reference?: ArrayLike<number>;
}

/** How much each dimension speaks for a decision; Σ relevance = output. */
export interface SvmAttribution {
  readonly relevance: Float64Array;
  /** The decision value f(x). */
  readonly output: number;
  /** The part of the output that no dimension explains and that is shared by all alike: bias, f(root), higher orders. */
  readonly shared: number;
  /** The root point of polynomial and RBF machines. */
  readonly root?: Float64Array;
}

/**
 * Explains a support vector machine's decision value by dimension (Bach et al. 2015, sections 2.3 and 3):
 * - linear: R_d = w_d x_d + b / D;
 * - histogram intersection, or any sum over dimensions: R_d = Σ_i α_i y_i min(x_d, s_id) + b / D;
 * - polynomial, RBF: a Taylor expansion at a root point x̃, R_d = (x − x̃)_d ∂f/∂x_d (x̃) + rest / D, or the same gradient
 *   integrated from x̃ to x, which leaves no rest.
 *
 * @param x `[dimensions]`
 * @throws ParameterError where x or `reference` has another length than the support vectors, or the target does not exist.
 * @example
 * const { relevance, output } = explainSvm(parseLibsvm(text), x);
 */
export function explainSvm(svm: SupportVectorMachine, x: ArrayLike<number>, options: SvmOptions = {}): SvmAttribution {
  const { target = 0, decomposition = "path" } = options;
  checkVector(svm, x);
  if (decomposition !== "path" && decomposition !== "taylor") {
    throw new ParameterError("decomposition", decomposition, '"path" or "taylor"');
  }
  const output = decisionValue(svm, x, target);
  const { kernel, supportVectors } = svm;
  const { coefficients } = decisionOf(svm, target);
  const terms = new Float64Array(supportVectors.dimensions);
  let root: Float64Array | undefined;
  const each = (visit: (i: number, factor: number) => void) => {
    for (let i = 0; i < coefficients.length; i++) if (coefficients[i] !== 0) visit(i, coefficients[i]!);
  };
  if (kernel.kind === "linear" || kernel.kind === "histogramIntersection") {
    each((i, factor) => addDimensions(kernel.kind, x, supportVectors, i, factor, terms));
  } else {
    root = rootPoint(svm, x, output, target, options.reference);
    const from = root;
    if (decomposition === "taylor") {
      const gradient = new Float64Array(terms.length);
      each((i, factor) => addKernelGradient(kernel, from, supportVectors, i, factor, gradient));
      for (let d = 0; d < terms.length; d++) terms[d] = (x[d]! - from[d]!) * gradient[d]!;
    } else {
      each((i, factor) => addPath(kernel, from, x, supportVectors, i, factor, terms));
    }
  }
  const shared = output - terms.reduce((sum, term) => sum + term, 0);
  return { relevance: terms.map((term) => term + shared / terms.length), output, shared, ...(root && { root }) };
}

/** Kernels that are sums over dimensions explain themselves. */
function addDimensions(
  kind: "linear" | "histogramIntersection",
  x: ArrayLike<number>,
  { values, dimensions }: Rows,
  i: number,
  factor: number,
  terms: Float64Array,
): void {
  for (let d = 0; d < dimensions; d++) {
    const s = values[i * dimensions + d]!;
    terms[d]! += factor * (kind === "linear" ? x[d]! * s : Math.min(x[d]!, s));
  }
}

/** The first point on the line from x to `reference` where the decision function vanishes; `reference` where it does not. */
function rootPoint(
  svm: SupportVectorMachine,
  x: ArrayLike<number>,
  output: number,
  target: number,
  reference?: ArrayLike<number>,
): Float64Array {
  const end = reference ?? (svm.kernel.kind === "rbf" ? nearestOther(svm, x, output, target) : undefined);
  const far = Float64Array.from(end ?? new Float64Array(x.length));
  if (far.length !== x.length)
    throw new ParameterError("reference.length", far.length, `${x.length}, the machine's dimension`);
  const at = (t: number) => far.map((value, d) => x[d]! + t * (value - x[d]!));
  const value = (t: number) => decisionValue(svm, at(t), target);
  const opposite = (t: number) => value(t) * output <= 0;
  if (output === 0) return at(0);
  // A coarse walk finds the first change of sign, bisection the root in it.
  const STEPS = 64;
  const change = Array.from({ length: STEPS }, (_, i) => (i + 1) / STEPS).find(opposite);
  if (change === undefined) return far;
  let high = change;
  let low = high - 1 / STEPS;
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (opposite(middle)) high = middle;
    else low = middle;
  }
  return at(high);
}

/** The support vector nearest to x on which the machine decides otherwise. */
function nearestOther(
  svm: SupportVectorMachine,
  x: ArrayLike<number>,
  output: number,
  target: number,
): Float64Array | undefined {
  const { values, dimensions, rows } = svm.supportVectors;
  let nearest: Float64Array | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rows; i++) {
    const vector = values.subarray(i * dimensions, (i + 1) * dimensions);
    const distance = vector.reduce((sum, value, d) => sum + (value - x[d]!) ** 2, 0);
    if (distance < least && decisionValue(svm, vector, target) * output < 0) {
      nearest = vector;
      least = distance;
    }
  }
  return nearest;
}

/**
 * ∫₀¹ ∂k(p(t), s)/∂x_d dt · (x − x̃)_d with p(t) = x̃ + t (x − x̃), times `factor`. Along the line the kernel depends on t by one
 * scalar, so the integral is closed: a polynomial's share goes by (x − x̃)_d s_d, an RBF's by Gaussian integrals.
 */
function addPath(
  kernel: Extract<Kernel, { kind: "polynomial" | "rbf" }>,
  from: Float64Array,
  x: ArrayLike<number>,
  others: Rows,
  i: number,
  factor: number,
  terms: Float64Array,
): void {
  const { values, dimensions } = others;
  const at = i * dimensions;
  if (kernel.kind === "polynomial") {
    let start = 0;
    let slope = 0;
    for (let d = 0; d < dimensions; d++) {
      start += from[d]! * values[at + d]!;
      slope += (x[d]! - from[d]!) * values[at + d]!;
    }
    const low = kernel.gamma * start + kernel.coef0;
    const high = low + kernel.gamma * slope;
    // ∫ degree · γ (low + t γ slope)^(degree − 1) dt = γ Σ_k high^k low^(degree − 1 − k), without dividing by the slope.
    let mean = 0;
    for (let k = 0; k < kernel.degree; k++) mean += high ** k * low ** (kernel.degree - 1 - k);
    for (let d = 0; d < dimensions; d++)
      terms[d]! += factor * kernel.gamma * mean * (x[d]! - from[d]!) * values[at + d]!;
    return;
  }
  let square = 0; // ‖x − x̃‖²
  let inner = 0; // (x − x̃)·(x̃ − s)
  for (let d = 0; d < dimensions; d++) {
    const delta = x[d]! - from[d]!;
    square += delta * delta;
    inner += delta * (from[d]! - values[at + d]!);
  }
  if (square === 0) return;
  // ‖p(t) − s‖² = square (t − nearest)² + rest: the line passes s at t = nearest.
  const nearest = -inner / square;
  const { zeroth, first } = gaussianIntegrals(kernel.gamma * square, nearest);
  const atNearest = kernelValue(
    kernel,
    from.map((value, d) => value + nearest * (x[d]! - value)),
    others,
    i,
  );
  const scale = -2 * kernel.gamma * factor * atNearest;
  for (let d = 0; d < dimensions; d++) {
    const delta = x[d]! - from[d]!;
    // (p(t) − s)_d = (p(nearest) − s)_d + (t − nearest) δ_d
    const offset = from[d]! + nearest * delta - values[at + d]!;
    terms[d]! += scale * delta * (offset * zeroth + delta * first);
  }
}

/** ∫₀¹ exp(−a (t − c)²) dt and ∫₀¹ (t − c) exp(−a (t − c)²) dt. */
function gaussianIntegrals(a: number, c: number): { zeroth: number; first: number } {
  const root = Math.sqrt(a);
  const zeroth = ((Math.sqrt(Math.PI) / 2) * (erf(root * (1 - c)) - erf(-root * c))) / root;
  const first = (Math.exp(-a * c * c) - Math.exp(-a * (1 - c) ** 2)) / (2 * a);
  return { zeroth, first };
}

/** The error function: its Maclaurin series near 0, Lentz' continued fraction of erfc beyond; to about 1e-13. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / (Math.sqrt(Math.PI) * (size + fraction)));
}
