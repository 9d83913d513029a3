import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-node";
import { fitDiscriminant } from "../../../src/explainers/numerics/discriminant.js";
import { getData, loadVolume, stackVolumes } from "../../../src/kernel-helpers/index.js";
import { saveModel } from "../save.js";
import type { Training } from "../training.js";
import { inWords, largest, scored } from "./score.js";

/**
 * What kind of thing somebody sees, from one volume: for each of the twelve runs a discriminant that never saw it, side by side in one dense layer, since from
 * 792 volumes of 530 voxels nets that learn by descent stay behind what knows the voxels' covariance in closed form. The mean over the classes is taken
 * off the weights, so that a logit says what speaks for its class and not for all of them.
 */
export async function trainFmri({ folder, seed, log }: Training): Promise<void> {
  await getData("fmri-objects", { say: log });
  const { values, shape, labels, classNames, runs } = stackVolumes(await loadVolume("fmri-objects"));
  const [volumes, voxels] = shape;
  const all = [...new Set(runs)];
  const classes = classNames.length;
  const kernel = new Float32Array(voxels * all.length * classes);
  const bias = new Float32Array(all.length * classes);
  const rowsOf = (wanted: (run: number) => boolean) => runs.flatMap((run, row) => (wanted(run) ? [row] : []));
  const nearest = new Array<number>(volumes);
  for (const [fold, left] of all.entries()) {
    const rows = rowsOf((run) => run !== left);
    const features = new Float64Array(rows.length * voxels);
    rows.forEach((row, place) => {
      features.set(values.subarray(row * voxels, (row + 1) * voxels), place * voxels);
    });
    const own = rows.map((row) => labels[row]!);
    const { weights, offsets } = fitDiscriminant({ features, size: voxels, labels: own }, classes);
    const mean = (of: (label: number) => number) => offsets.reduce((sum, _, label) => sum + of(label), 0) / classes;
    for (let voxel = 0; voxel < voxels; voxel++) {
      const shared = mean((label) => weights[label]![voxel]!);
      for (let label = 0; label < classes; label++)
        kernel[(voxel * all.length + fold) * classes + label] = weights[label]![voxel]! - shared;
    }
    const shared = mean((label) => offsets[label]!);
    bias.set(
      offsets.map((offset) => offset - shared),
      fold * classes,
    );
    const means = Array.from({ length: classes }, (_, label) => {
      const members = rows.filter((row) => labels[row] === label);
      return Float64Array.from({ length: voxels }, (_one, voxel) => {
        return members.reduce((sum, row) => sum + values[row * voxels + voxel]!, 0) / members.length;
      });
    });
    for (const row of rowsOf((run) => run === left)) {
      nearest[row] = largest(means.map((one) => correlation(values.subarray(row * voxels, (row + 1) * voxels), one)));
    }
    log(`fold ${fold + 1} of ${all.length}`);
  }
  const model = tf.sequential({
    name: "fmri-objects",
    layers: [tf.layers.dense({ name: "logits", units: bias.length, inputShape: [voxels] })],
  });
  // As its file holds them, so that what is measured is what is loaded.
  const [weights, offsets] = [kernel.map(asHalf), bias.map(asHalf)];
  model.layers[0]!.setWeights([tf.tensor2d(weights, [voxels, bias.length]), tf.tensor1d(offsets)]);
  const logits = tf.tidy(() => (model.predict(tf.tensor2d(values, [...shape])) as tf.Tensor2D).arraySync());
  const predicted = logits.map((row, at) => {
    const fold = all.indexOf(runs[at]!);
    return largest(row.slice(fold * classes, (fold + 1) * classes));
  });
  const groups = runs.map(String);
  const net = scored(predicted, labels, groups);
  const baseline = scored(nearest, labels, groups);
  log(inWords("fmri-objects, discriminants that never saw a volume's run", net));
  log(inWords("fmri-objects, the class whose mean correlates most", baseline));
  const training = {
    seed,
    ...net,
    baseline: "the class whose mean correlates most",
    baselineAccuracy: baseline.testAccuracy,
  };
  const names = all.flatMap((run) => classNames.map((name) => `${name} (without run ${run})`));
  await saveModel(model, join(folder, "fmri-objects"), { output: "logits", classNames: names, training }, "float16");
}

/** The nearest number of half precision. */
function asHalf(value: number): number {
  const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value) || 1)), -14) - 10);
  return Math.round(value / step) * step;
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [sumA, sumB, squareA, squareB, product] = [0, 0, 0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    sumA += a[at]!;
    sumB += b[at]!;
    squareA += a[at]! ** 2;
    squareB += b[at]! ** 2;
    product += a[at]! * b[at]!;
  }
  const count = a.length;
  return (product - (sumA * sumB) / count) / Math.sqrt((squareA - sumA ** 2 / count) * (squareB - sumB ** 2 / count));
}
