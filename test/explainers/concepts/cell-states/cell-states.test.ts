import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  AbortedError,
  type CellLayer,
  type CellStates,
  cellStates,
  gateSaturation,
  InputShapeError,
  ParameterError,
} from "../../../../src/explainers/index.js";
import { close } from "../../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../../helpers/tensors.js";

const FEATURES = 4;
const normal = (seed: number, stddev = 0.7) => tf.initializers.randomNormal({ stddev, seed });
const own = (seed: number) => ({
  kernelInitializer: normal(seed),
  recurrentInitializer: normal(seed + 1),
  biasInitializer: normal(seed + 2, 0.4),
  returnSequences: true,
});

/** What a cell of TensorFlow.js computes itself, called step by step, and its gates by its weights. */
function byItself(layer: tf.layers.Layer, x: tf.Tensor3D, backwards = false) {
  const cell = (layer as unknown as { cell: Cell }).cell;
  const [count, steps] = x.shape;
  const kind = cell.getClassName();
  const units = cell.units;
  const size = count * steps * units;
  const states = new Float32Array(size);
  const names = kind === "LSTMCell" ? ["input", "forget", "output"] : kind === "GRUCell" ? ["update", "reset"] : [];
  const gates = Object.fromEntries(names.map((name) => [name, new Float32Array(size)]));
  let current = Array.from({ length: kind === "LSTMCell" ? 2 : 1 }, () => tf.zeros([count, units]));
  for (let read = 0; read < steps; read++) {
    const time = backwards ? steps - 1 - read : read;
    const now = tf.reshape(tf.slice(x, [0, time, 0], [-1, 1, -1]), [count, -1]);
    const put = (into: Float32Array, tensor: tf.Tensor) =>
      tensor.dataSync().forEach((value, at) => {
        into[(Math.floor(at / units) * steps + time) * units + (at % units)] = value;
      });
    const z = tf.add(
      tf.add(tf.matMul(now, cell.kernel.read() as tf.Tensor2D), tf.matMul(current[0]!, cell.recurrentKernel.read())),
      cell.bias.read(),
    );
    // Of a GRU the first two thirds: the candidate reads what the reset gate left.
    const parts = tf.split(z, kind === "LSTMCell" ? 4 : kind === "GRUCell" ? 3 : 1, 1);
    names.forEach((name, which) => {
      const part = parts[kind === "LSTMCell" && which === 2 ? 3 : which]!;
      put(gates[name]!, cell.recurrentActivation!.apply(part));
    });
    current = cell.call([now, ...current], {}).slice(1);
    put(states, current.at(-1)!);
  }
  return { states, gates };
}

interface Cell {
  units: number;
  kernel: { read(): tf.Tensor2D };
  recurrentKernel: { read(): tf.Tensor2D };
  bias: { read(): tf.Tensor };
  recurrentActivation?: { apply(x: tf.Tensor): tf.Tensor };
  getClassName(): string;
  call(inputs: tf.Tensor[], named: object): tf.Tensor[];
}

const makers = {
  LSTM: () => tf.layers.lstm({ units: 5, ...own(1) }),
  "LSTM with sigmoid gates": () => tf.layers.lstm({ units: 5, recurrentActivation: "sigmoid", ...own(4) }),
  "LSTM read backwards, of softsign": () =>
    tf.layers.lstm({ units: 3, goBackwards: true, activation: "softsign", ...own(5) }),
  GRU: () => tf.layers.gru({ units: 5, ...own(7) }),
  "GRU with sigmoid gates": () => tf.layers.gru({ units: 6, recurrentActivation: "sigmoid", ...own(9) }),
  "simple RNN": () => tf.layers.simpleRNN({ units: 5, ...own(11) }),
  "simple RNN of relu": () => tf.layers.simpleRNN({ units: 5, activation: "relu", ...own(12) }),
} satisfies Record<string, () => tf.layers.Layer>;

for (const [name, make] of Object.entries(makers)) {
  test(`states and gates of ${name} are what its cell computes, called step by step`, async () => {
    const layer = make();
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [null, FEATURES] }), layer] });
    for (const [count, steps] of [
      [1, 60],
      [3, 7],
      [6, 1],
    ] as const) {
      const x = normals(steps)(count, steps, FEATURES) as tf.Tensor3D;
      const { layers, difference, comparedSteps } = await leavesNoTensors(() => cellStates(model)(x));
      const [found] = layers as [CellLayer];
      const expected = tf.tidy(() => {
        const { states, gates } = byItself(layer, x, name.includes("backwards"));
        return { states, gates };
      });
      close(found.states, expected.states, 1e-5);
      assert.deepEqual(Object.keys(found.gates), Object.keys(expected.gates));
      for (const [gate, values] of Object.entries(found.gates)) close(values, expected.gates[gate]!, 1e-5, gate);
      assert.deepEqual([found.sequences, found.steps, found.cells], [count, steps, layer.outputShape.at(-1)]);
      assert.ok(difference < 1e-5, `difference ${difference}`);
      assert.equal(comparedSteps, Math.min(48, steps));
      x.dispose();
    }
    model.dispose();
  });
}

/** What a layer of the model gives, by the model. */
const valuesAt = (model: tf.LayersModel, layer: string, x: tf.Tensor): Float32Array =>
  tf.tidy(() => {
    const part = tf.model({ inputs: model.inputs, outputs: model.getLayer(layer).output });
    return (part.predict(x) as tf.Tensor).dataSync<"float32">() as Float32Array;
  });

test("layers on top of each other, bidirectional ones and what lies between them are followed as the model runs them", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.embedding({
        name: "words",
        inputDim: 9,
        outputDim: FEATURES,
        inputLength: undefined,
        batchInputShape: [null, null],
      }),
      tf.layers.bidirectional({
        name: "both",
        layer: tf.layers.gru({ units: 3, name: "inner", ...own(20) }) as tf.RNN,
        mergeMode: "concat",
      }),
      tf.layers.dense({ name: "between", units: 5, activation: "relu", kernelInitializer: normal(30) }),
      tf.layers.simpleRNN({ name: "upper", units: 4, ...own(40) }),
      tf.layers.lstm({ name: "last", units: 2, ...own(50), returnSequences: false }),
      tf.layers.dense({ name: "classes", units: 3 }),
    ],
  });
  const x = tf.tensor2d([[1, 5, 8, 0, 3, 3, 7, 2]], [1, 8], "int32");
  const { layers } = await leavesNoTensors(() => cellStates(model)(x));
  assert.deepEqual(
    layers.map(({ kind, cells, reads }) => [kind, cells, reads]),
    [
      ["GRU", 3, "forward"],
      ["GRU", 3, "backward"],
      ["SimpleRNN", 4, "forward"],
      ["LSTM", 2, "forward"],
    ],
  );
  assert.match(layers[0]!.layer, /^both\/forward/);
  assert.match(layers[1]!.layer, /^both\/backward/);
  // A GRU's state is its output: the two directions stand side by side in what the layer gives, in the order of the input.
  const both = valuesAt(model, "both", x);
  for (let time = 0; time < 8; time++) {
    close(layers[0]!.states.subarray(time * 3, time * 3 + 3), both.subarray(time * 6, time * 6 + 3), 1e-5);
    close(layers[1]!.states.subarray(time * 3, time * 3 + 3), both.subarray(time * 6 + 3, time * 6 + 6), 1e-5);
  }
  close(layers[2]!.states, valuesAt(model, "upper", x), 1e-5);
  model.dispose();
  x.dispose();
});

test("stacked cells, masks, first states and layers that are called twice", async () => {
  const cells = [
    tf.layers.lstmCell({ units: 3, kernelInitializer: normal(1), recurrentInitializer: normal(2) }),
    tf.layers.gruCell({ units: 2, kernelInitializer: normal(3), recurrentInitializer: normal(4) }),
  ] as tf.RNN["cell"][];
  const stacked = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [null, FEATURES] }),
      tf.layers.rnn({ name: "stack", cell: cells as never, returnSequences: true }),
    ],
  });
  const x = normals(3)(2, 6, FEATURES);
  const { layers, difference } = await leavesNoTensors(() => cellStates(stacked)(x));
  assert.deepEqual(
    layers.map(({ layer, kind, cells: count }) => [layer, kind, count]),
    [
      ["stack cell 1", "LSTM", 3],
      ["stack cell 2", "GRU", 2],
    ],
  );
  assert.ok(difference < 1e-5);
  close(layers[1]!.states, valuesAt(stacked, "stack", x), 1e-5);

  // Word 0 is masked: a step that does not count leaves the state as it was, and its gates say nothing.
  const masked = tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 5, outputDim: FEATURES, maskZero: true, batchInputShape: [null, null] }),
      tf.layers.lstm({ name: "lstm", units: 3, ...own(6) }),
    ],
  });
  const ids = tf.tensor2d([[1, 0, 0, 4, 0]], undefined, "int32");
  const [lstm] = (await leavesNoTensors(() => cellStates(masked)(ids))).layers as [CellLayer];
  const at = (time: number) => [...lstm.states.subarray(time * 3, time * 3 + 3)];
  assert.deepEqual([at(1), at(2)], [at(0), at(0)]);
  assert.deepEqual(at(4), at(3));
  assert.notDeepEqual(at(3), at(0));
  assert.deepEqual([...lstm.gates.forget!.subarray(3, 6)], [0.5, 0.5, 0.5]);

  // An encoder's last states begin a decoder; the same layer reads two inputs.
  const [first, second] = [tf.input({ shape: [4, FEATURES] }), tf.input({ shape: [4, FEATURES] })];
  const shared = tf.layers.gru({ name: "shared", units: 3, ...own(13), returnState: true });
  const [, state] = shared.apply(first) as tf.SymbolicTensor[];
  const [again] = shared.apply(second) as tf.SymbolicTensor[];
  const decoder = tf.layers.gru({ name: "decoder", units: 3, ...own(16) });
  const decoded = decoder.apply(second, { initialState: [state!] }) as tf.SymbolicTensor;
  const twice = tf.model({ inputs: [first, second], outputs: [again!, decoded] });
  const inputs = [normals(5)(2, 4, FEATURES), normals(6)(2, 4, FEATURES)];
  const result = await leavesNoTensors(() => cellStates(twice)(inputs));
  assert.deepEqual(new Set(result.layers.map(({ layer }) => layer)), new Set(["shared", "shared, call 2", "decoder"]));
  assert.ok(result.difference < 1e-5);
  const outputs = twice.predict(inputs) as tf.Tensor[];
  const decoderStates = result.layers.find(({ layer }) => layer === "decoder")!.states;
  close(decoderStates, outputs[1]!.dataSync(), 1e-5);
  tf.dispose([x, ids, inputs, outputs]);
});

test("a stateful model starts from zeros, keeps the state that it has, and drops nothing", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.inputLayer({ batchInputShape: [1, null, FEATURES] }),
      tf.layers.lstm({ name: "lstm", units: 3, stateful: true, dropout: 0.5, recurrentDropout: 0.5, ...own(2) }),
    ],
  });
  const x = normals(8)(1, 5, FEATURES);
  const first = (model.predict(x) as tf.Tensor).dataSync();
  const second = (model.predict(x) as tf.Tensor).dataSync();
  assert.notDeepEqual(first, second);
  const { layers, difference } = await cellStates(model)(x);
  assert.ok(difference < 1e-5);
  assert.deepEqual((await cellStates(model)(x)).layers[0]!.states, layers[0]!.states);
  // The third prediction goes on where the second ended.
  model.resetStates();
  for (let run = 0; run < 2; run++) tf.dispose(model.predict(x));
  const third = (model.predict(x) as tf.Tensor).dataSync();
  model.resetStates();
  for (let run = 0; run < 2; run++) tf.dispose(model.predict(x));
  await cellStates(model)(x);
  assert.deepEqual((model.predict(x) as tf.Tensor).dataSync(), third);
});

test("what cannot be seen is refused by name", async () => {
  const input = tf.layers.inputLayer({ inputShape: [null, FEATURES] });
  const dense = tf.sequential({ layers: [input, tf.layers.dense({ name: "only", units: 2 })] });
  assert.throws(() => cellStates(dense), /no recurrent layer\. Its layers are: .*only/);
  const few = tf.ones([1, 3, 2]);
  await assert.rejects(
    leavesNoTensors(() => cellStates((x: tf.Tensor) => tf.tanh(x))(few)),
    /cannot be seen: among its operations are no steps of an LSTM or GRU/,
  );
  few.dispose();
  const convolutional = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [3, 4, 4, 1] }),
      tf.layers.convLstm2d({ name: "pictures", filters: 2, kernelSize: 3 }),
    ],
  });
  assert.throws(() => cellStates(convolutional), /"pictures" cannot be seen: its cell is of class ConvLSTM2DCell/);
  const distributed = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [2, 3, FEATURES] }),
      tf.layers.timeDistributed({ name: "each", layer: tf.layers.gru({ units: 2 }) }),
    ],
  });
  assert.throws(
    () => cellStates(distributed),
    /"each" cannot be seen: TimeDistributed "each" runs them once for every step/,
  );
  const soft = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [null, FEATURES] }),
      tf.layers.simpleRNN({ name: "soft", units: 3, activation: "softmax" }),
    ],
  });
  assert.throws(() => cellStates(soft), /"soft" cannot be seen: the activation "softmax" is none of tanh/);

  // A layer that does more than its class says gives other numbers, and is found out.
  const layer = tf.layers.lstm({ name: "louder", units: 3, ...own(2) });
  const louder = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [null, FEATURES] }), layer] });
  const call = layer.call.bind(layer);
  layer.call = (x, named) => tf.mul(call(x, named) as tf.Tensor, 1.1);
  const x = normals(1)(1, 9, FEATURES);
  await assert.rejects(
    leavesNoTensors(() => cellStates(louder)(x)),
    /layer "louder" cannot be seen: by its weights it would compute other numbers than it does/,
  );
  x.dispose();
});

test("wrong inputs, memory and a stop leave nothing behind", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [null, FEATURES] }),
      tf.layers.lstm({ name: "lstm", units: 8, ...own(3) }),
    ],
  });
  const x = normals(1)(1, 400, FEATURES);
  const refused = (error: unknown, work: () => Promise<unknown>) =>
    assert.rejects(leavesNoTensors(work), error as never);
  const [wide, empty] = [tf.zeros([1, 3, FEATURES + 1]), tf.zeros([1, 0, FEATURES])];
  await refused(InputShapeError, () => cellStates(model)(wide));
  await refused(ParameterError, () => cellStates(model)(empty));
  const bytes = 400 * 8 * 4 * 5;
  await refused(/memoryBudget must be at least 64000 bytes for 400 steps up to layer "lstm"/, () =>
    cellStates(model, { memoryBudget: bytes - 1 })(x),
  );
  assert.equal((await cellStates(model, { memoryBudget: bytes })(x)).layers.length, 1);
  assert.deepEqual((await cellStates(model, { memoryBudget: bytes / 2, gates: false })(x)).layers[0]!.gates, {});
  assert.throws(() => cellStates(model, { memoryBudget: 0 }), ParameterError);
  const stop = new AbortController();
  const seen: number[] = [];
  await refused(AbortedError, () =>
    cellStates(model)(x, {
      signal: stop.signal,
      onProgress: ({ done, total }) => {
        assert.equal(total, 400);
        seen.push(done);
        if (done > 100) stop.abort();
      },
    }),
  );
  assert.ok(seen.at(-1)! < 200, "it stopped soon");
  // The layer is as it was.
  assert.equal(Object.hasOwn(model.getLayer("lstm"), "call"), false);
  tf.dispose([x, wide, empty]);
});

test("gates are left-saturated below 0.1 and right-saturated above 0.9", () => {
  const states = { layer: "lstm", kind: "LSTM", cells: 2, sequences: 1, steps: 4 } as const;
  const forget = Float32Array.of(0.05, 0.95, 0.1, 0.95, 0.5, 0.95, 0.01, 0.9);
  const layer: CellStates["layers"][number] = {
    ...states,
    reads: "forward",
    states: new Float32Array(8),
    gates: { forget },
  };
  const [{ gate, left, right }] = gateSaturation([layer]) as [ReturnType<typeof gateSaturation>[number]];
  assert.equal(gate, "forget");
  // 0.1 in single precision is a little above 0.1, and 0.9 a little below 0.9: neither is saturated.
  assert.deepEqual([...left], [0.5, 0]);
  assert.deepEqual([...right], [0, 0.75]);
});

test("cells of a model that has operations only are found in them: the same as those of the layers", async () => {
  const layers: Record<string, (options: { returnSequences: boolean }) => tf.layers.Layer> = {
    LSTM: (options) => tf.layers.lstm({ units: 4, ...own(1), ...options }),
    "LSTM with sigmoid gates": (options) =>
      tf.layers.lstm({ units: 4, recurrentActivation: "sigmoid", ...own(3), ...options }),
    GRU: (options) => tf.layers.gru({ units: 3, ...own(4), ...options }),
    "GRU with sigmoid gates": (options) =>
      tf.layers.gru({ units: 3, recurrentActivation: "sigmoid", ...own(6), ...options }),
    "LSTM read backwards": (options) => tf.layers.lstm({ units: 2, goBackwards: true, ...own(7), ...options }),
    "bidirectional GRU": (options) =>
      tf.layers.bidirectional({
        layer: tf.layers.gru({ units: 3, ...own(8), ...options }) as tf.RNN,
        mergeMode: "concat",
      }),
  };
  for (const [name, make] of Object.entries(layers)) {
    const model = tf.sequential({
      layers: [
        tf.layers.inputLayer({ inputShape: [5, FEATURES] }),
        make({ returnSequences: true }),
        // What is given in reverse is read in reverse, too: layers cannot know that.
        ...(name === "LSTM read backwards" ? [] : [tf.layers.lstm({ units: 3, ...own(20) })]),
        tf.layers.globalAveragePooling1d({}),
        tf.layers.dense({ units: 2, activation: "softmax" }),
      ],
    });
    const x = normals(9)(2, 5, FEATURES);
    const expected = await cellStates(model)(x);
    const compute = (given: tf.Tensor) => model.apply(given) as tf.Tensor;
    const found = await cellStates(compute)(x);
    const sorted = (list: readonly CellLayer[]) => [...list].sort((a, b) => a.states[0]! - b.states[0]!);
    const [seen, known] = [sorted(found.layers), sorted(expected.layers)];
    assert.deepEqual(
      seen.map(({ kind, cells, sequences, steps, reads }) => ({ kind, cells, sequences, steps, reads })),
      known.map(({ kind, cells, sequences, steps, reads }) => ({ kind, cells, sequences, steps, reads })),
      name,
    );
    seen.forEach((layer, at) => {
      close(layer.states, known[at]!.states, 1e-5, name);
      for (const [gate, values] of Object.entries(layer.gates)) {
        const theirs = known[at]!.gates[gate as "forget"]!;
        // From a first state of zeros nothing is forgotten, and nothing reset: what the gates were is not among the operations.
        values.forEach((value, place) => {
          if (value !== 0.5) assert.ok(Math.abs(value - theirs[place]!) < 1e-5, `${name}, ${gate}`);
        });
        assert.ok(values.filter((value) => value !== 0.5).length > 0.7 * values.length, `${name}, ${gate}`);
      }
    });
    x.dispose();
    model.dispose();
  }
});
