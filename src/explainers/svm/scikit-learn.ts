import { type Kernel, rowsOf } from "./kernels.js";
import { SvmFormatError } from "./libsvm.js";
import { checkedSvm, type Decision, pairwiseDecisions, type SupportVectorMachine } from "./svm.js";

/** The attributes of a fitted `LinearSVC`, `SVC(kernel="linear")` or `LogisticRegression`, as JSON. */
export interface ScikitLearnLinear {
  /** `[functions, dimensions]`. */
  readonly coef_: readonly (readonly number[])[];
  readonly intercept_: readonly number[];
  readonly classes_: readonly (number | string)[];
}

/** The attributes of a fitted `SVC`, as JSON. */
export interface ScikitLearnSvc {
  /** For "precomputed", the kernel is taken to be histogram intersection. */
  readonly kernel: "linear" | "poly" | "rbf" | "precomputed";
  /** The number that `gamma` stood for: `clf._gamma`. */
  readonly gamma?: number;
  readonly degree?: number;
  readonly coef0?: number;
  /** `[vectors, dimensions]`; for "precomputed" the training vectors at `support_`. */
  readonly support_vectors_: readonly (readonly number[])[];
  /** `[classes − 1, vectors]`. */
  readonly dual_coef_: readonly (readonly number[])[];
  readonly intercept_: readonly number[];
  readonly n_support_: readonly number[];
  readonly classes_: readonly (number | string)[];
}

/**
 * Makes a support vector machine of scikit-learn's fitted attributes.
 *
 * @throws SvmFormatError where an attribute is missing; ParameterError where sizes do not fit or numbers are not finite.
 * @example
 * const svm = fromScikitLearn({ coef_: [[0.5, -1]], intercept_: [0.1], classes_: ["ham", "spam"] });
 */
export function fromScikitLearn(fitted: ScikitLearnLinear | ScikitLearnSvc): SupportVectorMachine {
  const given = fitted as Partial<ScikitLearnLinear & ScikitLearnSvc>;
  const { classes_: classes, intercept_: intercepts } = given;
  if (classes === undefined || intercepts === undefined) {
    throw new SvmFormatError(`The attribute ${classes === undefined ? "classes_" : "intercept_"} is missing.`);
  }
  if (given.coef_ !== undefined && given.support_vectors_ === undefined) {
    return linearMachine(given.coef_, intercepts, classes);
  }
  for (const name of ["kernel", "support_vectors_", "dual_coef_", "n_support_"] as const) {
    if (given[name] === undefined) throw new SvmFormatError(`The attribute ${name} is missing.`);
  }
  const svc = fitted as ScikitLearnSvc;
  const binary = classes.length === 2;
  // Of two classes, scikit-learn turns libsvm's sign round: positive speaks for classes_[1].
  const decisions = binary
    ? [decision(classes[1]!, classes[0]!, svc.dual_coef_[0]!, intercepts[0]!)]
    : pairwiseDecisions(classes, svc.n_support_, svc.dual_coef_, intercepts);
  return checkedSvm({
    kernel: kernelOf(svc),
    supportVectors: rowsOf(svc.support_vectors_, "support_vectors_"),
    decisions,
  });
}

function linearMachine(
  coefficients: readonly (readonly number[])[],
  intercepts: readonly number[],
  classes: readonly (number | string)[],
): SupportVectorMachine {
  const unit = (at: number) => Array.from(coefficients, (_, i) => (i === at ? 1 : 0));
  if (coefficients.length !== intercepts.length) {
    throw new SvmFormatError(`coef_ has ${coefficients.length} rows, but intercept_ has ${intercepts.length} entries.`);
  }
  const decisions =
    coefficients.length === 1
      ? [decision(classes[1]!, classes[0]!, [1], intercepts[0]!)]
      : coefficients.map((_, i) => decision(classes[i]!, null, unit(i), intercepts[i]!));
  return checkedSvm({ kernel: { kind: "linear" }, supportVectors: rowsOf(coefficients, "coef_"), decisions });
}

function decision(
  positive: number | string,
  negative: number | string | null,
  coefficients: readonly number[],
  intercept: number,
): Decision {
  return { positive, negative, coefficients: Float64Array.from(coefficients), intercept };
}

function kernelOf({ kernel, gamma, degree = 3, coef0 = 0 }: ScikitLearnSvc): Kernel {
  const width = () => {
    if (typeof gamma !== "number")
      throw new SvmFormatError(`gamma is ${JSON.stringify(gamma)}: give the number clf._gamma.`);
    return gamma;
  };
  switch (kernel) {
    case "linear":
      return { kind: "linear" };
    case "poly":
      return { kind: "polynomial", degree, gamma: width(), coef0 };
    case "rbf":
      return { kind: "rbf", gamma: width() };
    case "precomputed":
      return { kind: "histogramIntersection" };
    default:
      throw new SvmFormatError(
        `The kernel ${JSON.stringify(kernel)} is not covered: use linear, poly, rbf or precomputed.`,
      );
  }
}
