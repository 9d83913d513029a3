import { LimpidError } from "../errors.js";
import { type Kernel, rowsOf } from "./kernels.js";
import { checkedSvm, pairwiseDecisions, type SupportVectorMachine } from "./svm.js";

/** A model file is not what it should be; the message names the line or field. */
export class SvmFormatError extends LimpidError {}

/**
 * Reads the text of a libsvm model (`svm-train`'s file): C-SVC, ν-SVC and regression with linear, polynomial or RBF kernel;
 * with `histograms`, the training vectors, also one with a precomputed kernel of histogram intersections.
 *
 * @param text The model file.
 * @param options.dimensions Length of the vectors, default the largest index in the file (libsvm leaves zeros out).
 * @param options.histograms The training vectors, in the order in which their kernel was computed.
 * @throws SvmFormatError where a field is missing, damaged, or of a kind that is not covered.
 * @example
 * const svm = parseLibsvm(await readFile("heart.model", "utf8"));
 */
export function parseLibsvm(
  text: string,
  options: { readonly dimensions?: number; readonly histograms?: readonly ArrayLike<number>[] } = {},
): SupportVectorMachine {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => line.trim() === "SV");
  if (start < 0) throw new SvmFormatError('This is not a libsvm model: the line "SV" is missing.');
  const header = new Map(
    lines.slice(0, start).map((line) => {
      const [key = "", ...rest] = line.trim().split(/\s+/);
      return [key, rest] as const;
    }),
  );
  const numbers = (field: string): number[] => {
    const given = header.get(field);
    if (given === undefined) throw new SvmFormatError(`The libsvm model has no field "${field}".`);
    return given.map((word) => parsed(word, field));
  };
  const type = header.get("svm_type")?.[0];
  const regression = type === "epsilon_svr" || type === "nu_svr";
  if (!regression && type !== "c_svc" && type !== "nu_svc") {
    throw new SvmFormatError(`svm_type ${type} is not covered: use c_svc, nu_svc, epsilon_svr or nu_svr.`);
  }
  const kernel = kernelOf(
    header.get("kernel_type")?.[0],
    (field) => numbers(field)[0]!,
    options.histograms !== undefined,
  );

  const rows = lines.slice(start + 1).filter((line) => line.trim() !== "");
  const [total] = numbers("total_sv");
  if (rows.length !== total)
    throw new SvmFormatError(`total_sv is ${total}, but ${rows.length} support vectors follow.`);
  const intercepts = numbers("rho").map((rho) => -rho);
  const classes = regression ? ["value"] : numbers("label");
  const perRow = regression ? 1 : classes.length - 1;
  const coefficients = Array.from({ length: perRow }, () => new Float64Array(rows.length));
  const entries = rows.map((row, i) => {
    const words = row.trim().split(/\s+/);
    for (let k = 0; k < perRow; k++) coefficients[k]![i] = parsed(words[k] ?? "", `support vector ${i}`);
    return words.slice(perRow).map((word) => {
      const [index, value] = word.split(":");
      return [parsed(index ?? "", `support vector ${i}`), parsed(value ?? "", `support vector ${i}`)] as const;
    });
  });
  const vectors = supportVectors(entries, options);
  const decisions = regression
    ? [{ positive: "value", negative: null, coefficients: coefficients[0]!, intercept: intercepts[0]! }]
    : pairwiseDecisions(classes, numbers("nr_sv"), coefficients, intercepts);
  return checkedSvm({ kernel, supportVectors: rowsOf(vectors, "supportVectors"), decisions });
}

function kernelOf(name: string | undefined, number: (field: string) => number, precomputed: boolean): Kernel {
  switch (name) {
    case "linear":
      return { kind: "linear" };
    case "polynomial":
      return { kind: "polynomial", degree: number("degree"), gamma: number("gamma"), coef0: number("coef0") };
    case "rbf":
      return { kind: "rbf", gamma: number("gamma") };
    case "precomputed":
      if (precomputed) return { kind: "histogramIntersection" };
      throw new SvmFormatError(
        "A precomputed kernel has no vectors in its file: pass the training vectors as histograms.",
      );
    default:
      throw new SvmFormatError(`kernel_type ${name} is not covered: use linear, polynomial, rbf or precomputed.`);
  }
}

function supportVectors(
  entries: readonly (readonly (readonly [number, number])[])[],
  options: { readonly dimensions?: number; readonly histograms?: readonly ArrayLike<number>[] },
): ArrayLike<number>[] {
  const { histograms } = options;
  if (histograms !== undefined) {
    return entries.map(([first], i) => {
      const serial = first?.[1] ?? 0;
      const histogram = histograms[serial - 1];
      if (first?.[0] !== 0 || histogram === undefined) {
        throw new SvmFormatError(
          `Support vector ${i} has the number ${serial}, but there are ${histograms.length} histograms.`,
        );
      }
      return histogram;
    });
  }
  const largest = entries.reduce((most, row) => row.reduce((m, [index]) => Math.max(m, index), most), 0);
  const dimensions = options.dimensions ?? largest;
  if (dimensions < largest) throw new SvmFormatError(`dimensions is ${dimensions}, but the file has index ${largest}.`);
  return entries.map((row, i) => {
    const vector = new Float64Array(dimensions);
    for (const [index, value] of row) {
      if (index < 1 || !Number.isInteger(index))
        throw new SvmFormatError(`Support vector ${i} has the index ${index}; indices count from 1.`);
      vector[index - 1] = value;
    }
    return vector;
  });
}

function parsed(word: string, where: string): number {
  const value = Number(word);
  if (word === "" || !Number.isFinite(value))
    throw new SvmFormatError(`${JSON.stringify(word)} in ${where} is not a number.`);
  return value;
}
