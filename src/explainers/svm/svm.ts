import { ParameterError } from "../errors.js";
import { checkKernel, type Kernel, kernelValue, type Rows } from "./kernels.js";

/** One two-class decision: positive values speak for `positive`, negative ones for `negative`. */
export interface Decision {
  readonly positive: number | string;
  /** `null`: all other classes. */
  readonly negative: number | string | null;
  /** One for each support vector, α_i y_i; 0 where a support vector takes no part. */
  readonly coefficients: Float64Array;
  readonly intercept: number;
}

/**
 * A support vector machine: f(x) = Σ_i coefficients_i k(x, s_i) + intercept, one such function for two classes, one for
 * each pair (or each class against the rest) of more. A linear one from scikit-learn has the rows of `coef_` as its
 * "support vectors".
 */
export interface SupportVectorMachine {
  readonly kernel: Kernel;
  readonly supportVectors: Rows;
  readonly decisions: readonly Decision[];
}

/**
 * The value of one decision function at x.
 *
 * @throws ParameterError where x has another length than the support vectors or the decision does not exist.
 */
export function decisionValue(svm: SupportVectorMachine, x: ArrayLike<number>, decision = 0): number {
  checkVector(svm, x);
  const { coefficients, intercept } = decisionOf(svm, decision);
  let value = intercept;
  for (let i = 0; i < coefficients.length; i++) {
    if (coefficients[i] !== 0) value += coefficients[i]! * kernelValue(svm.kernel, x, svm.supportVectors, i);
  }
  return value;
}

/** Picks a decision function; throws ParameterError for an index that does not exist. */
export function decisionOf(svm: SupportVectorMachine, index: number): Decision {
  const decision = svm.decisions[index];
  if (decision === undefined) {
    throw new ParameterError(
      "target",
      index,
      `one of the machine's ${svm.decisions.length} decision functions, counted from 0`,
    );
  }
  return decision;
}

export function checkVector(svm: SupportVectorMachine, x: ArrayLike<number>): void {
  const { dimensions } = svm.supportVectors;
  if (x.length !== dimensions) throw new ParameterError("x.length", x.length, `${dimensions}, the machine's dimension`);
  for (let d = 0; d < dimensions; d++) if (!Number.isFinite(x[d])) throw new ParameterError(`x[${d}]`, x[d], "finite");
}

/** Checks that coefficients fit support vectors and all numbers are finite; throws ParameterError. */
export function checkedSvm(svm: SupportVectorMachine): SupportVectorMachine {
  checkKernel(svm.kernel);
  if (svm.decisions.length === 0) throw new ParameterError("decisions", 0, "at least one decision function");
  for (const [index, { coefficients, intercept }] of svm.decisions.entries()) {
    if (coefficients.length !== svm.supportVectors.rows) {
      throw new ParameterError(
        `decisions[${index}].coefficients.length`,
        coefficients.length,
        `${svm.supportVectors.rows}, one for each support vector`,
      );
    }
    if (!Number.isFinite(intercept)) throw new ParameterError(`decisions[${index}].intercept`, intercept, "finite");
    const bad = coefficients.find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw new ParameterError(`decisions[${index}].coefficients`, bad, "finite");
  }
  return svm;
}

/** Decisions between every pair of classes, from libsvm's (classes − 1) coefficients for each support vector. */
export function pairwiseDecisions(
  classes: readonly (number | string)[],
  supportCounts: readonly number[],
  coefficients: readonly ArrayLike<number>[],
  intercepts: ArrayLike<number>,
): Decision[] {
  const total = supportCounts.reduce((sum, count) => sum + count, 0);
  const starts = supportCounts.map((_, i) => supportCounts.slice(0, i).reduce((sum, count) => sum + count, 0));
  const decisions: Decision[] = [];
  for (let i = 0; i < classes.length; i++) {
    for (let j = i + 1; j < classes.length; j++) {
      const own = new Float64Array(total);
      // A support vector of class i keeps its coefficient against class j in row j − 1, one of class j against i in row i.
      for (let s = 0; s < supportCounts[i]!; s++) own[starts[i]! + s] = coefficients[j - 1]![starts[i]! + s]!;
      for (let s = 0; s < supportCounts[j]!; s++) own[starts[j]! + s] = coefficients[i]![starts[j]! + s]!;
      decisions.push({
        positive: classes[i]!,
        negative: classes[j]!,
        coefficients: own,
        intercept: intercepts[decisions.length]!,
      });
    }
  }
  return decisions;
}
