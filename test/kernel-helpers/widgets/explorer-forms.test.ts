import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import type { ParameterValues } from "../../../src/comms/states/explorer.js";
import type { Field } from "../../../src/comms/states/field.js";
import { findComposite, findMethod, methods, needsNoData, ParameterError } from "../../../src/explainers/index.js";
import { isForForms } from "../../../src/explainers/parameters.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";
import type { LoadedImage } from "../../../src/kernel-helpers/pictures/load-image.js";
import { relevanceMap } from "../../../src/kernel-helpers/pictures/relevance-map.js";
import { TraitError } from "../../../src/kernel-helpers/widgets/base/trait-error.js";
import { Explorer } from "../../../src/kernel-helpers/widgets/explorer/explorer.js";
import { FrontEnd, turn } from "../../comms/front-end.js";

const SIZE = 8;
const shape: [number, number, number] = [SIZE, SIZE, 3];
let model: LoadedModel;
let photo: LoadedImage;

before(async () => {
  await tf.setBackend("cpu");
  const weights = (seed: number) => ({
    kernelInitializer: tf.initializers.randomNormal({ seed, stddev: 0.3, mean: 0.02 }),
    biasInitializer: tf.initializers.randomNormal({ seed: seed + 100, stddev: 0.1 }),
  });
  const conv = (name: string, seed: number) =>
    tf.layers.conv2d({ name, filters: 4, kernelSize: 3, padding: "same", activation: "relu", ...weights(seed) });
  const input = tf.input({ shape });
  const maps = conv("inner", 2).apply(conv("outer", 1).apply(input)) as tf.SymbolicTensor;
  const pooled = tf.layers.globalAveragePooling2d({}).apply(maps) as tf.SymbolicTensor;
  const outputs = tf.layers.dense({ units: 3, ...weights(3) }).apply(pooled) as tf.SymbolicTensor;
  const net = tf.model({ inputs: input, outputs });
  model = { ...(await loadModel((x) => net.predict(x) as tf.Tensor, { input: { shape } })), net };
  const tensor = tf.randomUniform([1, ...shape], 0, 1, "float32", 7) as tf.Tensor4D;
  const pixels = new Uint8ClampedArray(4 * SIZE * SIZE).fill(120);
  photo = { tensor, pixels, width: SIZE, height: SIZE, name: "noise.png", dispose: () => tensor.dispose() };
});

const fieldsOf = (explorer: Explorer): Record<string, Field> =>
  Object.fromEntries(explorer.form.map((field) => [field.name, field]));
const shown = (explorer: Explorer) => (explorer.relevance as { values: Float32Array }).values;

/** Parameters that make slow methods quick. */
const quick: Record<string, Record<string, number | string>> = {
  // On random weights a line search need not find a root.
  "simple-taylor": { root: "gray" },
  "integrated-gradients": { steps: 5, baseline: "white" },
  "expected-gradients": { samples: 5, count: 3 },
  smoothgrad: { samples: 4, noise: 0.3 },
  squaregrad: { samples: 4 },
  vargrad: { samples: 4 },
  "layer-conductance": { steps: 5, layer: "outer" },
  occlusion: { window: 4, strides: 2 },
  "feature-ablation": { features: "grid", cells: 2 },
  "prediction-difference": { samples: 2 },
  "meaningful-perturbation": { iterations: 5, blur: 2 },
  lime: { samples: 40, features: "grid", cells: 3 },
  "kernel-shap": { samples: 60, segments: 8 },
  "shapley-values": { cells: 2 },
  rise: { masks: 50, cells: 3 },
};

/** Where an explorer departs from the methods' own defaults. */
const opening: Record<string, ParameterValues> = { lrp: { bias: "distribute" }, rise: { estimate: "difference" } };

test("every method that needs no data is offered, answers with its parameters, and has a form for them", async () => {
  const explorer = new Explorer(model, photo, { target: 1 });
  const offered = methods.filter((method) => needsNoData(method, "image"));
  assert.deepEqual(
    explorer.methods.map(({ value }) => value),
    offered.map(({ id }) => id),
  );
  for (const method of offered) {
    const parameters = quick[method.id] ?? {};
    explorer.set({ method: method.id, parameters });
    await explorer.settled();
    assert.equal(explorer.error, "", method.id);
    const own = { ...opening[method.id], ...parameters };
    const explain = method(model, own, model.input);
    const { values } = relevanceMap(await explain(photo.tensor, { target: 1 }));
    values.forEach((value, i) => {
      assert.ok(Math.abs(value - shown(explorer)[i]!) < 1e-5, `${method.id} ${i}: ${shown(explorer)[i]} ${value}`);
    });
    assert.equal(explorer.signed, method.signed, method.id);
    assert.equal(explorer.total === null, !method.additive, method.id);

    const read = method.parametersWith(parameters);
    assert.deepEqual(
      explorer.form.map(({ name }) => name),
      Object.keys(read).filter((name) => isForForms(read[name]!)),
      method.id,
    );
    for (const { name, label, hint, default: initial, control } of explorer.form) {
      const where = `${method.id} ${name}`;
      assert.ok(label !== "" && label.length <= 13 && hint !== "", where);
      if (control.kind === "slider") {
        assert.ok(read[name]!.accepts(control.from) && read[name]!.accepts(control.to), where);
        assert.ok(Number(initial) >= control.from && Number(initial) <= control.to, where);
      }
      if (control.kind === "choice") {
        assert.ok(
          control.choices.some(({ value }) => value === String(initial ?? "")),
          where,
        );
        const known = control.choices.filter(({ value }) => value !== "");
        assert.ok(
          known.every(({ value }) => read[name]!.accepts(value)),
          where,
        );
      }
    }
  }
  explorer.close();
});

test("a network without maps is not offered what needs one, a photo not what needs data", async () => {
  const flat = await loadModel((x) => tf.slice(tf.square(tf.reshape(x, [-1, 3 * SIZE * SIZE])), [0, 0], [-1, 3]), {
    input: { shape },
  });
  const explorer = new Explorer(flat, photo);
  const names = explorer.methods.map(({ value }) => value);
  for (const missing of ["grad-cam", "layer-conductance", "pattern-net", "lime-table", "lrp-recurrent"]) {
    assert.ok(!names.includes(missing), missing);
  }
  assert.ok(names.includes("sensitivity"));
  assert.throws(() => explorer.set({ method: "pattern-net" }), TraitError);
  await explorer.settled();
  explorer.close();
});

test("the composite, ε, γ and the biases' part are traits and parameters in one", async () => {
  const explorer = new Explorer(model, photo, { epsilon: 1e-3 });
  assert.deepEqual(explorer.parameters, { epsilon: 1e-3 });
  explorer.parameters = { composite: "overview-2019", gamma: 0.5, bias: "distribute" };
  assert.deepEqual(
    [explorer.composite, explorer.epsilon, explorer.gamma, explorer.bias],
    ["overview-2019", findComposite("overview-2019").parameters["epsilon"]!.default, 0.5, "distribute"],
  );
  // The composite reads no γ: it keeps its value for the next that does, and its row is gone.
  explorer.composite = "epsilon-plus";
  assert.deepEqual([explorer.gamma, explorer.parameters["gamma"]], [0.5, 0.5]);
  assert.ok(!("gamma" in fieldsOf(explorer)));
  await explorer.settled();
  assert.deepEqual([explorer.error, explorer.subtitle], ["", "LRP, ε-plus"]);
  // They are observed as traits are, and stay LRP's while another method is chosen.
  const heard: [string, unknown][] = [];
  explorer.observe(({ name, new: value }) => heard.push([name, value]), ["gamma", "bias"]);
  explorer.method = "sensitivity";
  explorer.gamma = 0.75;
  assert.deepEqual([heard, explorer.parameters], [[["gamma", 0.75]], {}]);
  explorer.method = "lrp";
  assert.equal(explorer.parameters["gamma"], 0.75);
  assert.throws(() => explorer.set({ form: [] }), TraitError);
  explorer.parameters = {};
  assert.deepEqual([explorer.composite, explorer.epsilon, explorer.bias], ["epsilon-gamma-box", 1e-6, "distribute"]);
  await explorer.settled();
  explorer.close();
});

test("a method is found again as it was left", async () => {
  const explorer = new Explorer(model, photo, { method: "smoothgrad", parameters: { samples: 3 } });
  explorer.method = "rise";
  assert.deepEqual(explorer.parameters, {});
  explorer.parameters = { masks: 20 };
  explorer.method = "smoothgrad";
  assert.deepEqual(explorer.parameters, { samples: 3 });
  explorer.method = "rise";
  assert.deepEqual(explorer.parameters, { masks: 20 });
  await explorer.settled();
  explorer.close();
});

test("a wrong parameter is refused with its name, its value and its range, and nothing changes", async () => {
  const explorer = new Explorer(model, photo, { method: "smoothgrad", parameters: { samples: 3 } });
  const wrong: [object, RegExp][] = [
    [{ samples: 0 }, /samples must be a whole number of at least 1, but is 0/],
    [{ samples: "many" }, /samples must be a whole number of at least 1, but is "many"/],
    [{ steps: 3 }, /steps must be left out with smoothgrad, which takes samples, noise/],
  ];
  for (const [parameters, message] of wrong) {
    assert.throws(
      () => explorer.set({ parameters } as never),
      (error: unknown) => error instanceof ParameterError && message.test(error.message),
    );
  }
  explorer.method = "lrp";
  assert.throws(
    () => explorer.set({ parameters: { composite: "recurrent" } }),
    (error: unknown) =>
      error instanceof ParameterError && /composite must be one of epsilon-gamma-box/.test(error.message),
  );
  explorer.method = "smoothgrad";
  for (const parameters of [5, ["samples"], { samples: tf.scalar(3) }]) {
    assert.throws(() => explorer.set({ parameters } as never), TraitError);
  }
  assert.deepEqual(explorer.parameters, { samples: 3 });
  assert.throws(() => {
    (explorer.parameters as { samples: number }).samples = 4;
  }, TypeError);
  await explorer.settled();
  assert.equal(explorer.error, "");
  explorer.close();
});

test("what only the method can refuse is shown in place, and the next explanation comes", async () => {
  const explorer = new Explorer(model, photo, { method: "occlusion", parameters: { window: 2, strides: 5 } });
  await explorer.settled();
  assert.match(explorer.error, /strides must be at most the window \(2\).*but is 5/);
  assert.deepEqual([explorer.relevance, explorer.request, explorer.fault], [null, explorer.answered, "strides"]);
  explorer.parameters = { window: 2 };
  await explorer.settled();
  assert.deepEqual([explorer.error, explorer.fault], ["", ""]);
  assert.notEqual(explorer.relevance, null);
  explorer.close();
});

test("a view sets parameters one by one; a wrong one comes back as what holds, and the kernel lives", async () => {
  const frontEnd = new FrontEnd().attach();
  const explorer = new Explorer(model, photo, { method: "integrated-gradients" });
  await explorer.settled();
  await turn();
  const state = () => frontEnd.models.get(explorer.id)!;
  assert.equal("_stated" in state() || "_maps" in state(), false);
  frontEnd.update(explorer.id, { parameters: { steps: 4 }, request: 7 });
  await explorer.settled();
  assert.deepEqual(explorer.parameters, { steps: 4 });
  assert.deepEqual([explorer.answered, explorer.error], [7, ""]);
  // An emptied field leaves the parameter to the method.
  frontEnd.update(explorer.id, { parameters: { steps: null } });
  await explorer.settled();
  assert.deepEqual(explorer.parameters, {});

  frontEnd.update(explorer.id, { parameters: { steps: -1 } });
  await turn();
  assert.match(String(frontEnd.reported.at(-1)), /steps must be a whole number of at least 1, but is -1/);
  assert.deepEqual(state()["parameters"], {});
  frontEnd.update(explorer.id, { parameters: { steps: 3 } });
  await explorer.settled();
  await turn();
  assert.deepEqual([explorer.parameters, explorer.error], [{ steps: 3 }, ""]);
  explorer.close();
});

test("a gradient with its sign is shown with a sign", async () => {
  const explorer = new Explorer(model, photo, { method: "sensitivity" });
  await explorer.settled();
  assert.equal(explorer.signed, false);
  explorer.parameters = { kind: "signed" };
  await explorer.settled();
  assert.equal(explorer.signed, true);
  explorer.close();
});

test("a form says how a value is filled in: spans, units, choices", async () => {
  const explorer = new Explorer(model, photo);
  const { composite, bias, epsilon, gamma, fallback } = fieldsOf(explorer);
  assert.deepEqual(epsilon!.control, { kind: "slider", from: 1e-9, to: 10, step: 0.25, logarithmic: true });
  assert.deepEqual([epsilon!.label, epsilon!.minor, fallback!.minor], ["ε", false, true]);
  assert.deepEqual(gamma!.control, { kind: "slider", from: 0, to: 1, step: 0.01, logarithmic: false });
  assert.ok(bias!.control.kind === "choice" && composite!.control.kind === "choice");
  assert.deepEqual(
    bias!.control.choices.map(({ label }) => label),
    ["Absorb", "Ignore", "Share out"],
  );
  // Composites that are not for pictures are left out.
  assert.ok(composite!.control.choices.every(({ value }) => value !== "recurrent"));
  assert.equal(composite!.control.choices[0]!.label, "ε-γ-box: dense ε, convolutions γ, pixels zᴮ");

  explorer.set({ method: "smoothgrad" });
  const { noise, memoryBudget } = fieldsOf(explorer);
  assert.deepEqual([noise!.unit, noise!.factor], ["%", 0.01]);
  assert.match(noise!.hint, /in percent of max x − min x/);
  assert.deepEqual([memoryBudget!.unit, memoryBudget!.factor], ["MiB", 2 ** 20]);

  explorer.set({ method: "grad-cam" });
  const { layer, relu } = fieldsOf(explorer);
  assert.ok(layer!.control.kind === "choice");
  assert.deepEqual(
    layer!.control.choices.map(({ value }) => value),
    ["", "outer", "inner"],
  );
  assert.deepEqual(relu!.control, { kind: "switch" });

  // A value that a cell states and no list has is one of the list while it holds.
  explorer.set({ method: "deeplift", parameters: { reference: 0.3 } });
  const { reference } = fieldsOf(explorer);
  assert.ok(reference!.control.kind === "choice" && reference!.control.choices.at(-1)!.value === "0.3");
  explorer.parameters = {};
  assert.ok(fieldsOf(explorer)["reference"]!.control.kind === "choice");
  assert.equal(findMethod("deeplift").parameters["reference"]!.default, "black");
  await explorer.settled();
  explorer.close();
});
