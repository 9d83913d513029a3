import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../src/explainers/numerics/random.js";
import { graphCompiler } from "../../src/kernel-helpers/tensorflow/graph/compiler.js";
import { type CharText, charText } from "./char-text.js";
import { saveModel } from "./save.js";

type Kind = "lstm" | "gru";

interface CharTraining {
  readonly kind: Kind;
  /** Where the model is written, into a folder of its name. */
  readonly folder: string;
  readonly seed: number;
  readonly epochs: number;
  readonly log: (line: string) => void;
}

/** Cells of the recurrent layer; both models have about as many weights. */
const CELLS: Readonly<Record<Kind, number>> = { lstm: 160, gru: 176 };
/** Numbers that a character is embedded in. */
const EMBEDDING = 32;
/** Stretches of the text that are read beside each other, and characters between two steps of the optimizer. */
const STREAMS = 32;
const STEPS = 96;
/** Largest norm of all gradients together. */
const LARGEST_NORM = 1;
const RATE = 4e-3;

/**
 * Trains a model of the next character on TypeScript's `lib.dom.d.ts` by truncated backpropagation through time: the state is carried from
 * one stretch of 96 characters to the next, so that what is remembered longer than a stretch can be learned, too.
 */
export async function trainCharModel({ kind, folder, seed, epochs, log }: CharTraining): Promise<void> {
  const name = `char-${kind}`;
  const text = await charText();
  const layers = modelOf(kind, name, text.vocabulary.length, seed);
  log(
    `${name}: ${layers.countParams()} weights, ${text.training.length} characters to learn, ${text.heldOut.length} held out`,
  );
  const weights = fit(kind, layers, text, { seed, epochs, log });
  layers.setWeights(weights);
  tf.dispose(weights);
  const bits = bitsPerCharacter(layers, text);
  log(`${name}: ${bits.toFixed(3)} bits a character on held-out text`);
  for (const [order, value] of Object.entries(text.baselines())) log(`  ${order}: ${value.toFixed(3)}`);
  const training = { seed, epochs, bitsPerCharacter: bits };
  await saveModel(layers, join(folder, name), { output: "logits", classNames: text.vocabulary, training });
}

/** Indices of characters `[batch, steps]` to logits of the next one `[batch, steps, characters]`. */
function modelOf(kind: Kind, name: string, characters: number, seed: number): tf.Sequential {
  const common = {
    name: kind,
    units: CELLS[kind],
    returnSequences: true,
    recurrentActivation: "sigmoid",
    kernelInitializer: tf.initializers.glorotUniform({ seed: seed + 1 }),
    recurrentInitializer: tf.initializers.orthogonal({ seed: seed + 2 }),
  } as const;
  return tf.sequential({
    name,
    layers: [
      tf.layers.embedding({
        name: "embedding",
        inputDim: characters,
        outputDim: EMBEDDING,
        batchInputShape: [null, null],
        embeddingsInitializer: tf.initializers.randomUniform({ minval: -0.1, maxval: 0.1, seed }),
      }),
      kind === "lstm" ? tf.layers.lstm({ ...common, unitForgetBias: true }) : tf.layers.gru(common),
      tf.layers.dense({
        name: "logits",
        units: characters,
        kernelInitializer: tf.initializers.glorotUniform({ seed: seed + 3 }),
      }),
    ],
  });
}

type Cell = (z: tf.Tensor2D, state: tf.Tensor2D[], recurrent: tf.Tensor2D) => tf.Tensor2D[];

/** The next state of a cell, its output first, from `Wx + b`. */
const CELL: Readonly<Record<Kind, Cell>> = {
  lstm: (x, [h, c], recurrent) => {
    const [i, f, g, o] = tf.split(tf.add(x, tf.matMul(h!, recurrent)), 4, 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const next = tf.add(tf.mul(tf.sigmoid(f), c!), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return [tf.mul(tf.sigmoid(o), tf.tanh(next)), next] as tf.Tensor2D[];
  },
  gru: (x, [h], recurrent) => {
    const units = h!.shape[1];
    const [gates, candidate] = tf.split(x, [2 * units, units], 1) as [tf.Tensor2D, tf.Tensor2D];
    const [forGates, forCandidate] = tf.split(recurrent, [2 * units, units], 1) as [tf.Tensor2D, tf.Tensor2D];
    const [z, r] = tf.split(tf.sigmoid(tf.add(gates, tf.matMul(h!, forGates))), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    const found = tf.tanh(tf.add(candidate, tf.matMul(tf.mul(r, h!), forCandidate)));
    return [tf.add(tf.mul(z, tf.sub(h!, found)), found)] as tf.Tensor2D[];
  },
};

/** Mean negative log likelihood of the next characters, and the state that is left. */
function unrolled(cell: Cell, x: tf.Tensor2D, y: tf.Tensor2D, state: tf.Tensor2D[], weights: tf.Tensor[]) {
  const [embedding, kernel, recurrent, bias, out, outBias] = weights as tf.Tensor2D[];
  const z = tf.add(tf.matMul(tf.matMul(x, embedding!), kernel!), bias!);
  let current = state;
  const outputs = tf.split(z, STEPS, 0).map((part) => {
    current = cell(part as tf.Tensor2D, current, recurrent!);
    return current[0]!;
  });
  const logits = tf.add(tf.matMul(tf.concat(outputs, 0) as tf.Tensor2D, out!), outBias!);
  // Logits stay small enough for the exponential: the largest is taken off by no gradient of its own.
  const loss = tf.neg(tf.mean(tf.sum(tf.mul(y, tf.logSoftmax(logits)), 1))) as tf.Scalar;
  return { loss, state: current };
}

/** Adam (Kingma & Ba 2015) with the learning rate falling to zero along a cosine; a step is one graph of TensorFlow's. */
function fit(
  kind: Kind,
  model: tf.LayersModel,
  { training, vocabulary }: CharText,
  { seed, epochs, log }: { seed: number; epochs: number; log: (line: string) => void },
): tf.Tensor[] {
  const random = seededRandom(seed);
  const characters = vocabulary.length;
  const length = Math.floor(training.length / STREAMS);
  const stretches = Math.floor((length - 1) / STEPS);
  const [beta1, beta2] = [0.9, 0.99];
  const states = kind === "lstm" ? 2 : 1;
  const zeroState = () => Array.from({ length: states }, () => tf.zeros([STREAMS, CELLS[kind]]));
  let weights = model.getWeights().map((tensor) => tf.clone(tensor));
  const count = weights.length;
  let moments = [...weights, ...weights].map((tensor) => tf.zerosLike(tensor));
  let state: tf.Tensor[] = zeroState();

  const oneStep = (inputs: readonly tf.Tensor[]): tf.Tensor[] => {
    const [x, y, rate] = inputs as [tf.Tensor2D, tf.Tensor2D, tf.Scalar];
    const before = inputs.slice(3, 3 + states) as tf.Tensor2D[];
    const own = inputs.slice(3 + states, 3 + states + count);
    const first = inputs.slice(3 + states + count, 3 + states + 2 * count);
    const second = inputs.slice(3 + states + 2 * count);
    let after: tf.Tensor[] = [];
    const { value, grads } = tf.valueAndGrads((...list: tf.Tensor[]) => {
      const { loss, state: left } = unrolled(CELL[kind], x, y, before, list);
      after = left.map((tensor) => tf.keep(tf.clone(tensor)));
      return loss;
    })([...own]);
    const norm = tf.sqrt(grads.map((grad) => tf.sum(tf.square(grad))).reduce((sum, part) => tf.add(sum, part)));
    const clip = tf.div(LARGEST_NORM, tf.maximum(norm, LARGEST_NORM));
    const m = grads.map((grad, at) => tf.add(tf.mul(first[at]!, beta1), tf.mul(tf.mul(grad, clip), 1 - beta1)));
    const v = grads.map((grad, at) =>
      tf.add(tf.mul(second[at]!, beta2), tf.mul(tf.square(tf.mul(grad, clip)), 1 - beta2)),
    );
    const next = own.map((weight, at) => tf.sub(weight, tf.mul(rate, tf.div(m[at]!, tf.add(tf.sqrt(v[at]!), 1e-8)))));
    return [value, ...after, ...next, ...m, ...v];
  };

  let program: ReturnType<typeof graphCompiler.compile>["program"];
  let step = 0;
  const total = epochs * stretches;
  for (let epoch = 0; epoch < epochs; epoch++) {
    // Streams begin elsewhere in every epoch, so that stretches are cut elsewhere.
    const shift = random.integer(training.length);
    tf.dispose(state);
    state = zeroState();
    let loss = 0;
    for (let stretch = 0; stretch < stretches; stretch++, step++) {
      const data = [0, 1].map((ahead) => {
        const hot = new Float32Array(STEPS * STREAMS * characters);
        for (let row = 0; row < STEPS * STREAMS; row++) {
          const [time, stream] = [Math.floor(row / STREAMS), row % STREAMS];
          const place = (shift + stream * length + stretch * STEPS + time + ahead) % training.length;
          hot[row * characters + training[place]!] = 1;
        }
        return tf.tensor2d(hot, [STEPS * STREAMS, characters]);
      });
      const warm = Math.min(1, (step + 1) / 100);
      const corrected = Math.sqrt(1 - beta2 ** (step + 1)) / (1 - beta1 ** (step + 1));
      const rate = tf.scalar(RATE * warm * corrected * 0.5 * (1 + Math.cos((Math.PI * step) / total)));
      const inputs = [...data, rate, ...state, ...weights, ...moments];
      if (step === 0) {
        ({ program } = graphCompiler.compile(inputs, [], () => tf.tidy(() => oneStep(inputs))));
        if (program === undefined) log("training goes on operation by operation: the step cannot be compiled");
      }
      const results = program === undefined ? tf.tidy(() => oneStep(inputs)) : program.run(inputs, []);
      tf.dispose(inputs);
      loss += results[0]!.dataSync()[0]!;
      results[0]!.dispose();
      state = results.slice(1, 1 + states) as tf.Tensor[];
      weights = results.slice(1 + states, 1 + states + count) as tf.Tensor[];
      moments = results.slice(1 + states + count) as tf.Tensor[];
      if (step === 0 || step === 20) log(`  step ${step}`);
    }
    log(`${model.name}: epoch ${epoch + 1} of ${epochs}, ${(loss / stretches / Math.LN2).toFixed(3)} bits a character`);
  }
  program?.dispose();
  tf.dispose([...state, ...moments]);
  return weights;
}

/** Mean negative log₂ likelihood of the held-out characters, each stretch of them read from a zero state. */
export function bitsPerCharacter(model: tf.LayersModel, { heldOut, stretches }: CharText): number {
  const length = heldOut.length / stretches;
  return tf.tidy(() => {
    const ids = tf.tensor2d(heldOut, [stretches, length], "int32");
    const x = tf.slice(ids, [0, 0], [-1, length - 1]);
    const y = tf.oneHot(tf.cast(tf.slice(ids, [0, 1], [-1, -1]), "int32"), model.outputs[0]!.shape.at(-1)!);
    const logits = model.predict(x, { batchSize: stretches }) as tf.Tensor;
    return tf.neg(tf.mean(tf.sum(tf.mul(y, tf.logSoftmax(logits)), -1))).dataSync()[0]! / Math.LN2;
  });
}
