import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-node";
import { discriminantScores, fitDiscriminant } from "../../../src/explainers/numerics/discriminant.js";
import {
  getData,
  heartbeats,
  loadSignals,
  type Signals,
  type StackedSignals,
  stackSignals,
  windowSignals,
} from "../../../src/kernel-helpers/index.js";
import { saveModel } from "../save.js";
import type { Training } from "../training.js";
import { type FitOptions, fitSignals, logitsOf } from "./fit.js";
import { inWords, largest, scored } from "./score.js";

/** A model of signals: where its data are from, its net, and the features of its classical baseline. */
interface Lesson {
  readonly name: string;
  /** Series for training and for testing. */
  load(
    say: (line: string) => void,
  ): Promise<{ train: StackedSignals; test: StackedSignals; classNames: readonly string[] }>;
  build(shape: readonly [samples: number, channels: number], seed: number): tf.Sequential;
  readonly options: Omit<FitOptions, "seed" | "epochs" | "classes">;
  readonly epochs: number;
  features(data: StackedSignals): { features: Float64Array; size: number };
  /** What the samples are parts of, where they are no trials of their own. */
  clusters?(data: StackedSignals): string[];
}

/** Means over so many samples, of every channel. */
function means({ values, shape: [series, channels, samples] }: StackedSignals, width: number) {
  const bins = Math.floor(samples / width);
  const features = new Float64Array(series * channels * bins);
  for (let row = 0; row < series * channels; row++) {
    for (let bin = 0; bin < bins; bin++) {
      let sum = 0;
      for (let at = 0; at < width; at++) sum += values[row * samples + bin * width + at]!;
      features[row * bins + bin] = sum / width;
    }
  }
  return { features, size: channels * bins };
}

/** Mean, deviation and mean step of every channel. */
function moments({ values, shape: [series, channels, samples] }: StackedSignals) {
  const features = new Float64Array(series * channels * 3);
  for (let row = 0; row < series * channels; row++) {
    const one = values.subarray(row * samples, (row + 1) * samples);
    const mean = one.reduce((sum, value) => sum + value, 0) / samples;
    const variance = one.reduce((sum, value) => sum + (value - mean) ** 2, 0) / samples;
    const step = one.reduce((sum, value, at) => sum + (at === 0 ? 0 : Math.abs(value - one[at - 1]!)), 0) / samples;
    features.set([mean, Math.sqrt(variance), step], row * 3);
  }
  return { features, size: channels * 3 };
}

const conv = (name: string, filters: number, kernelSize: number, strides: number, seed: number, more = {}) =>
  tf.layers.conv1d({
    name,
    filters,
    kernelSize,
    strides,
    activation: "relu",
    kernelInitializer: tf.initializers.heNormal({ seed }),
    ...more,
  });
const dense = (name: string, units: number, seed: number, more = {}) =>
  tf.layers.dense({ name, units, kernelInitializer: tf.initializers.heNormal({ seed }), ...more });

const split = (signals: Signals) => ({
  train: stackSignals(signals, { split: "train" }),
  test: stackSignals(signals, { split: "test" }),
  classNames: signals.classNames,
});

const eegSelfRegulation: Lesson = {
  name: "eeg-self-regulation",
  async load(say) {
    await getData("eeg-self-regulation", { say });
    return split(await loadSignals("eeg-self-regulation"));
  },
  build: ([samples, channels], seed) =>
    tf.sequential({
      name: "eeg-self-regulation",
      layers: [
        tf.layers.averagePooling1d({ name: "average", poolSize: 16, inputShape: [samples, channels] }),
        conv("conv", 16, 8, 4, seed * 10 + 1),
        tf.layers.flatten({ name: "flatten" }),
        dense("dense", 32, seed * 10 + 2, { activation: "relu" }),
        dense("logits", 2, seed * 10 + 3),
      ],
    }),
  options: { batch: 32, rate: 2e-3, decay: 1e-3, dropout: 0.5 },
  epochs: 120,
  features: (data) => means(data, 56),
};

const ecgBeats: Lesson = {
  name: "ecg-beats",
  async load(say) {
    await getData("ecg", { say });
    return split(heartbeats(await loadSignals("ecg")));
  },
  build: ([samples, channels], seed) =>
    tf.sequential({
      name: "ecg-beats",
      layers: [
        conv("conv1", 8, 15, 3, seed * 10 + 1, { inputShape: [samples, channels] }),
        conv("conv2", 12, 7, 3, seed * 10 + 2),
        tf.layers.flatten({ name: "flatten" }),
        dense("logits", 2, seed * 10 + 3),
      ],
    }),
  options: { batch: 32, rate: 2e-3, decay: 1e-3, dropout: 0.3 },
  epochs: 40,
  features: (data) => means(data, 4),
};

/** Samples of a window of shoulder exercises, four seconds, and from one window to the next. */
const [WINDOW, STEP] = [200, 50];

async function shoulderWindows(say: (line: string) => void): Promise<Signals> {
  await getData("motion-shoulder-exercises", { say });
  const signals = await loadSignals("motion-shoulder-exercises");
  // The windows of a series belong together.
  const series = signals.series.map((one, index) => ({ ...one, group: `${one.group}, series ${index + 1}` }));
  return windowSignals({ ...signals, series }, { samples: WINDOW, step: STEP });
}

/** The windows of these subjects, or of all others. */
const ofSubjects = (signals: Signals, subjects: readonly number[], held: boolean): StackedSignals => {
  const names = new Set(subjects.map((subject) => `subject ${subject}`));
  const isTheirs = (group: string) => names.has(group.split(",")[0]!);
  return stackSignals({ ...signals, series: signals.series.filter(({ group }) => isTheirs(group!) === held) });
};

const motionShoulder: Lesson = {
  name: "motion-shoulder-exercises",
  async load(say) {
    const windows = await shoulderWindows(say);
    return {
      train: ofSubjects(windows, [8, 9, 10], false),
      test: ofSubjects(windows, [8, 9, 10], true),
      classNames: windows.classNames,
    };
  },
  build: ([samples, channels], seed) =>
    tf.sequential({
      name: "motion-shoulder-exercises",
      layers: [
        conv("conv1", 24, 11, 2, seed * 10 + 1, { inputShape: [samples, channels] }),
        conv("conv2", 32, 7, 2, seed * 10 + 2),
        tf.layers.averagePooling1d({ name: "average", poolSize: 4 }),
        conv("conv3", 32, 3, 1, seed * 10 + 3),
        tf.layers.globalAveragePooling1d({ name: "mean" }),
        dense("logits", 7, seed * 10 + 4),
      ],
    }),
  options: { batch: 64, rate: 2e-3, decay: 1e-4, dropout: 0.3 },
  epochs: 15,
  features: moments,
  clusters: ({ groups }) => groups.map((group) => group!),
};

const lessons: readonly Lesson[] = [eegSelfRegulation, ecgBeats, motionShoulder];

/** A net on its training series, and a discriminant beside it, both on the test series. */
function fitBoth(
  lesson: Lesson,
  data: { train: StackedSignals; test: StackedSignals },
  classes: number,
  seed: number,
  epochs: number,
) {
  const { train, test } = data;
  const [, channels, samples] = train.shape;
  const build = (from: number) => lesson.build([samples, channels], from);
  const model = fitSignals(build, train, { ...lesson.options, seed, epochs, classes });
  const discriminant = fitDiscriminant({ ...lesson.features(train), labels: train.labels }, classes);
  return {
    model,
    own: logitsOf(model, test).map(largest),
    classical: discriminantScores(discriminant, lesson.features(test).features).map(largest),
  };
}

async function trainSignals(lesson: Lesson, { folder, seed, epochs = lesson.epochs, log }: Training): Promise<void> {
  const data = await lesson.load(log);
  const { model, own, classical } = fitBoth(lesson, data, data.classNames.length, seed, epochs);
  const net = scored(own, data.test.labels, lesson.clusters?.(data.test));
  const baseline = scored(classical, data.test.labels, lesson.clusters?.(data.test));
  log(inWords(`${lesson.name}, net of ${model.countParams()} weights`, net));
  log(inWords(`${lesson.name}, shrunk linear discriminant`, baseline));
  const training = {
    seed,
    epochs,
    ...net,
    baseline: "shrunk linear discriminant",
    baselineAccuracy: baseline.testAccuracy,
  };
  await saveModel(model, join(folder, lesson.name), { output: "logits", classNames: [...data.classNames], training });
}

/** Every subject is tested once, by a net that never saw him: five nets, each without two subjects. */
async function leaveSubjectsOut({ seed, epochs = motionShoulder.epochs, log }: Training): Promise<void> {
  const windows = await shoulderWindows(log);
  const found = { own: [] as number[], classical: [] as number[], labels: [] as number[], groups: [] as string[] };
  for (let first = 1; first <= 10; first += 2) {
    const pair = [first, first + 1];
    const [train, test] = [ofSubjects(windows, pair, false), ofSubjects(windows, pair, true)];
    const { own, classical, model } = fitBoth(motionShoulder, { train, test }, windows.classNames.length, seed, epochs);
    model.dispose();
    const groups = test.groups.map((group) => group!);
    log(inWords(`without subjects ${pair.join(" and ")}`, scored(own, test.labels, groups)));
    found.own.push(...own);
    found.classical.push(...classical);
    found.labels.push(...test.labels);
    found.groups.push(...groups);
  }
  log(inWords("each subject by nets without him", scored(found.own, found.labels, found.groups)));
  log(inWords("by a shrunk linear discriminant", scored(found.classical, found.labels, found.groups)));
}

/**
 * A discriminant as a network of one layer: from trials of 316, networks that learn the channels' covariance by descent stay at chance, which a discriminant
 * has in closed form. It sees means over a tenth of a second, the channels' average and the trial's mean taken off; both are part of the weights.
 */
async function trainFingerMovements({ folder, seed, log }: Training): Promise<void> {
  await getData("eeg-finger-movements", { say: log });
  const { train, test, classNames } = split(await loadSignals("eeg-finger-movements"));
  const [, channels, samples] = train.shape;
  const width = 10;
  const bins = samples / width;
  const referenced = ({ features, size }: ReturnType<typeof means>) => {
    const taken = features.slice();
    for (let from = 0; from < taken.length; from += size)
      takeOffMeans(taken.subarray(from, from + size), channels, bins);
    return taken;
  };
  const features = referenced(means(train, width));
  const { weights, offsets } = fitDiscriminant(
    { features, size: channels * bins, labels: train.labels },
    classNames.length,
  );
  // What takes means off is its own transpose, so it can be done to weights in place of signals.
  const own = weights.map((weight) => takeOffMeans(Float64Array.from(weight), channels, bins));
  const kernel = new Float32Array(bins * channels * classNames.length);
  for (let bin = 0; bin < bins; bin++) {
    for (let channel = 0; channel < channels; channel++) {
      own.forEach((weight, label) => {
        kernel[(bin * channels + channel) * own.length + label] = weight[channel * bins + bin]!;
      });
    }
  }
  const model = tf.sequential({
    name: "eeg-finger-movements",
    layers: [
      tf.layers.averagePooling1d({ name: "average", poolSize: width, inputShape: [samples, channels] }),
      tf.layers.flatten({ name: "flatten" }),
      tf.layers.dense({ name: "logits", units: classNames.length }),
    ],
  });
  model.layers.at(-1)!.setWeights([tf.tensor2d(kernel, [bins * channels, own.length]), tf.tensor1d([...offsets])]);
  const net = scored(logitsOf(model, test).map(largest), test.labels);
  log(inWords("eeg-finger-movements, shrunk linear discriminant as a network", net));
  const training = { seed, ...net, baseline: "it is one: a shrunk linear discriminant" };
  await saveModel(model, join(folder, "eeg-finger-movements"), {
    output: "logits",
    classNames: [...classNames],
    training,
  });
}

/** Takes the channels' mean off at each time, and then each channel's mean over time: `[channels, times]`, in place. */
function takeOffMeans<T extends Float64Array>(values: T, channels: number, times: number): T {
  for (let time = 0; time < times; time++) {
    let mean = 0;
    for (let channel = 0; channel < channels; channel++) mean += values[channel * times + time]! / channels;
    for (let channel = 0; channel < channels; channel++) values[channel * times + time]! -= mean;
  }
  for (let channel = 0; channel < channels; channel++) {
    let mean = 0;
    for (let time = 0; time < times; time++) mean += values[channel * times + time]! / times;
    for (let time = 0; time < times; time++) values[channel * times + time]! -= mean;
  }
  return values;
}

/** Trainings of models of signals, by name. */
export const signalTrainings: Readonly<Record<string, (training: Training) => Promise<void>>> = {
  ...Object.fromEntries(lessons.map((lesson) => [lesson.name, (training: Training) => trainSignals(lesson, training)])),
  "eeg-finger-movements": trainFingerMovements,
  "motion-leave-subjects-out": leaveSubjectsOut,
};
