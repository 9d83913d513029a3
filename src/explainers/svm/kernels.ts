import { ParameterError } from "../errors.js";

/** A kernel k(x, s) of two vectors, named and parametrized as in libsvm and scikit-learn. */
export type Kernel =
  | { readonly kind: "linear" }
  /** (gamma x·s + coef0)^degree */
  | { readonly kind: "polynomial"; readonly degree: number; readonly gamma: number; readonly coef0: number }
  /** exp(−gamma ‖x − s‖²) */
  | { readonly kind: "rbf"; readonly gamma: number }
  /** Σ_d min(x_d, s_d), for histograms. */
  | { readonly kind: "histogramIntersection" };

/** Rows of equal length, `[rows, dimensions]`, row-major. */
export interface Rows {
  readonly values: Float64Array;
  readonly rows: number;
  readonly dimensions: number;
}

/**
 * Makes a table of vectors.
 *
 * @throws ParameterError where there are no vectors, their lengths differ or a value is not finite.
 */
export function rowsOf(vectors: readonly ArrayLike<number>[], name = "vectors"): Rows {
  const dimensions = vectors[0]?.length ?? 0;
  if (dimensions === 0) throw new ParameterError(name, vectors.length, "at least one vector of at least one dimension");
  const values = new Float64Array(vectors.length * dimensions);
  vectors.forEach((vector, i) => {
    if (vector.length !== dimensions) {
      throw new ParameterError(`${name}[${i}].length`, vector.length, `${dimensions}, as that of ${name}[0]`);
    }
    for (let d = 0; d < dimensions; d++) {
      if (!Number.isFinite(vector[d])) throw new ParameterError(`${name}[${i}][${d}]`, vector[d], "finite");
      values[i * dimensions + d] = vector[d]!;
    }
  });
  return { values, rows: vectors.length, dimensions };
}

/** Checks a kernel's parameters; throws ParameterError. */
export function checkKernel(kernel: Kernel): void {
  switch (kernel.kind) {
    case "linear":
    case "histogramIntersection":
      return;
    case "rbf":
      if (!(kernel.gamma > 0 && Number.isFinite(kernel.gamma)))
        throw new ParameterError("gamma", kernel.gamma, "positive");
      return;
    case "polynomial":
      if (!Number.isFinite(kernel.gamma) || kernel.gamma === 0)
        throw new ParameterError("gamma", kernel.gamma, "finite and not 0");
      if (!Number.isInteger(kernel.degree) || kernel.degree < 1) {
        throw new ParameterError("degree", kernel.degree, "a whole number of at least 1");
      }
      if (!Number.isFinite(kernel.coef0)) throw new ParameterError("coef0", kernel.coef0, "finite");
      return;
    default:
      throw new ParameterError(
        "kernel",
        (kernel as { kind: unknown }).kind,
        '"linear", "polynomial", "rbf" or "histogramIntersection"',
      );
  }
}

/** k(x, row i of `others`). */
export function kernelValue(kernel: Kernel, x: ArrayLike<number>, others: Rows, i: number): number {
  const { values, dimensions } = others;
  const at = i * dimensions;
  let sum = 0;
  switch (kernel.kind) {
    case "rbf":
      for (let d = 0; d < dimensions; d++) sum += (x[d]! - values[at + d]!) ** 2;
      return Math.exp(-kernel.gamma * sum);
    case "histogramIntersection":
      for (let d = 0; d < dimensions; d++) sum += Math.min(x[d]!, values[at + d]!);
      return sum;
    default:
      for (let d = 0; d < dimensions; d++) sum += x[d]! * values[at + d]!;
      return kernel.kind === "linear" ? sum : (kernel.gamma * sum + kernel.coef0) ** kernel.degree;
  }
}

/** ∂k(x, s)/∂x_d times `factor`, added to `gradient`; x may be any point. Only for kernels that have a gradient. */
export function addKernelGradient(
  kernel: Extract<Kernel, { kind: "linear" | "polynomial" | "rbf" }>,
  x: ArrayLike<number>,
  others: Rows,
  i: number,
  factor: number,
  gradient: Float64Array,
): void {
  const { values, dimensions } = others;
  const at = i * dimensions;
  if (kernel.kind === "rbf") {
    const scale = -2 * kernel.gamma * factor * kernelValue(kernel, x, others, i);
    for (let d = 0; d < dimensions; d++) gradient[d]! += scale * (x[d]! - values[at + d]!);
    return;
  }
  let scale = factor;
  if (kernel.kind === "polynomial") {
    let dot = 0;
    for (let d = 0; d < dimensions; d++) dot += x[d]! * values[at + d]!;
    scale *= kernel.degree * kernel.gamma * (kernel.gamma * dot + kernel.coef0) ** (kernel.degree - 1);
  }
  for (let d = 0; d < dimensions; d++) gradient[d]! += scale * values[at + d]!;
}
