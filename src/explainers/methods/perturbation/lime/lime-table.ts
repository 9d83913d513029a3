import { tensor2d } from "@tensorflow/tfjs-core";
import { InputShapeError, ParameterError } from "../../../errors.js";
import { method } from "../../../method.js";
import { seededRandom } from "../../../numerics/random.js";
import { choice, indices, real, seed, tensorOf, whole } from "../../../parameters.js";
import { byPerturbation } from "../engine/by-perturbation.js";
import { draws, memoryBudget } from "../engine/parameters.js";
import { binnedColumn, categoryColumn, euclideanDistances, plainColumn } from "./columns.js";
import { surrogateParameters } from "./parameters.js";
import { exponentialKernel, fitSurrogate, surrogateResults } from "./surrogate.js";

/**
 * LIME for tables (Ribeiro, Singh & Guestrin 2016, as in the authors' package): rows are drawn from the training data's bins
 * or categories by their frequency (bins filled by truncated normals), and a column of the linear model says whether a row is
 * in the sample's bin. With `discretize: "none"` quantities are drawn from normals, and coefficients are per standard deviation.
 *
 * @throws InputShapeError where inputs are not rows; ParameterError where the training rows or options do not fit.
 * @example
 * const { features, surrogates } = await limeTable(model, { training, categorical: [3] })(row, { target: 1 });
 */
export const limeTable = method({
  id: "lime-table",
  name: "LIME for tables",
  family: "perturbation",
  reference: "Ribeiro, Singh & Guestrin 2016, KDD, and the authors' package",
  question: "Which columns of this row would a linear model, fitted to rows like it, weigh most?",
  inputs: ["table"],
  signed: true,
  additive: false,
  result: "entries",
  parameters: {
    training: tensorOf("Training rows [rows, columns], from which values are drawn", "required"),
    categorical: indices("Columns that hold categories, not quantities"),
    discretize: choice(["quartile", "decile", "none"], "quartile", "Whether quantities are cut into bins or kept"),
    samples: whole(5000, "Perturbed rows, the row itself included", draws(2, 500, 20_000)),
    kernelWidth: real(undefined, "Width of the kernel; by default ¾ √columns", {
      least: 0,
      open: true,
      unit: "Euclidean distance",
    }),
    ...surrogateParameters,
    seed,
    memoryBudget,
  },
  explainer(model, { training, categorical, discretize, samples, seed: first, memoryBudget: budget, ...rest }) {
    const { kernelWidth: wanted, ...linear } = rest;
    return byPerturbation(model, budget, ({ shape, isWords }) => {
      if (isWords && categorical.length < shape[0]!) {
        throw new ParameterError("categorical", categorical, "all columns: they hold numbers of words");
      }
      if (shape.length !== 1) throw new InputShapeError("[batch, columns]", `[batch, ${shape.join(", ")}]`);
      const count = shape[0]!;
      const [rowCount, columnCount] = training!.shape;
      if (training!.rank !== 2 || columnCount !== count || rowCount! < 2) {
        throw new ParameterError("training", `[${training!.shape}]`, `two rows or more of ${count} columns`);
      }
      const beyond = categorical.find((column) => column >= count);
      if (beyond !== undefined) throw new ParameterError("categorical", beyond, `columns from 0 to ${count - 1}`);
      const kernelWidth = wanted ?? 0.75 * Math.sqrt(count);
      const known = training!.dataSync();
      const columns = Array.from({ length: count }, (_, j) => {
        const column = Float64Array.from({ length: rowCount! }, (_, i) => known[i * count + j]!);
        if (categorical.includes(j)) return categoryColumn(column);
        return discretize === "none" ? plainColumn(column) : binnedColumn(column, discretize === "quartile" ? 4 : 10);
      });
      return {
        settled: { kernelWidth },
        plan: ({ values: sample }) => {
          const random = seededRandom(first);
          const rows = new Float32Array(samples * count);
          const design = new Float64Array(samples * count);
          for (let row = 0; row < samples; row++) {
            columns.forEach((column, j) => {
              const own = sample[j]!;
              const { value, coordinate } =
                row === 0 ? { value: own, coordinate: column.coordinate(own) } : column.draw(own, random);
              rows[row * count + j] = value;
              design[row * count + j] = coordinate;
            });
          }
          return {
            count: samples,
            make: (start, size) => tensor2d(rows.slice(start * count, (start + size) * count), [size, count]),
            finish: (scores) => {
              const weights = exponentialKernel(euclideanDistances(design, count), kernelWidth);
              const surrogate = fitSurrogate({ design, columns: count, outputs: scores, weights }, linear);
              const relevance = Float32Array.from(surrogate.coefficients);
              const ids = Int32Array.from({ length: count }, (_, j) => j);
              return { relevance, features: { ids, values: relevance }, surrogate };
            },
          };
        },
        extras: surrogateResults,
      };
    });
  },
});
