import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import fc from "fast-check";
import {
  findComposite,
  findMethod,
  gradCam,
  lrp,
  type MethodId,
  methods,
  occlusion,
  ParameterError,
  prototype,
  randomNet,
  sensitivity,
  TargetError,
  TargetNameError,
} from "../../src/explainers/index.js";
import { editDistance } from "../../src/explainers/numerics/edit-distance.js";
import { nearest } from "../../src/explainers/suggestions.js";
import { loadDensity, loadModel } from "../../src/kernel-helpers/index.js";

test("the edit distance is Damerau's: known pairs, and the properties of a distance between words", () => {
  assert.deepEqual(
    [
      ["", "lrp"],
      ["lrp", "lrp"],
      ["lrq", "lrp"],
      ["kitten", "sitting"],
      ["ab", "ba"],
      ["ca", "abc"],
      ["γβ", "βγ"],
    ].map(([from, to]) => editDistance(from!, to!)),
    // Of "ca" and "abc" the unrestricted distance would be 2: no letter is touched twice here.
    [3, 0, 1, 3, 1, 3, 1],
  );
  const word = fc.string({ maxLength: 9, unit: fc.constantFrom("a", "b", "c", "d") });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      assert.equal(distance, editDistance(b, a));
      assert.equal(distance === 0, a === b);
      assert.ok(distance >= Math.abs(a.length - b.length) && distance <= Math.max(a.length, b.length));
      assert.ok(editDistance(`x${a}y`, `x${b}y`) <= distance);
    }),
  );
});

test("any one slip in any method's id suggests that method first; noise suggests nothing", () => {
  const ids = methods.map(({ id }) => id);
  for (const id of ids) {
    for (let at = 0; at < id.length; at++) {
      const slips = [
        id.slice(0, at) + id.slice(at + 1),
        `${id.slice(0, at)}q${id.slice(at + 1)}`,
        `${id.slice(0, at)}q${id.slice(at)}`,
      ];
      for (const slip of slips) if (slip.length > 2) assert.ok(nearest(slip, ids).includes(id), `${slip} for ${id}`);
    }
    assert.equal(nearest(id.toUpperCase().replaceAll("-", "_"), ids)[0], id);
  }
  for (const noise of ["magic", "xyzzy", "", "  ", "q"]) assert.deepEqual(nearest(noise, ids), [], noise);
});

const net = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [6, 6, 1], filters: 3, kernelSize: 3, name: "conv_first" }),
    tf.layers.flatten({ name: "flat" }),
    tf.layers.dense({ units: 4, name: "scores" }),
  ],
});
const x = tf.randomNormal([2, 6, 6, 1], 0, 1, "float32", 5);
const classNames = ["tabby, tabby cat", "tiger cat", "goose", "crane"];

test("every lookup says what may have been meant", async () => {
  const cases: [() => unknown, RegExp, string[]?][] = [
    [() => findMethod("lrq"), /^method must be .*"lrq"\. Did you mean "lrp"\?$/, ["lrp"]],
    [() => findComposite("epsilon_gama_box"), /Did you mean "epsilon-gamma-box"\?$/, ["epsilon-gamma-box"]],
    [() => lrp(net, { composite: "epsilon-pluss" as "epsilon-plus" }), /Did you mean "epsilon-plus"/],
    [() => lrp(net, { bias: "absorbs" as "absorb" }), /bias must be .*Did you mean "absorb"\?$/, ["absorb"]],
    [
      () => findMethod("occlusion")(net, { windows: 3 }),
      /windows must be left out .*Did you mean "window"\?$/,
      ["window"],
    ],
    [() => occlusion(net, { baseline: "blured" as "blurred" }), /Did you mean "blurred"\?$/, ["blurred"]],
    [() => randomNet({ architecture: "residul" as "residual" }), /Did you mean "residual"/],
    [
      () => gradCam(net, { layer: "conv_frist" })(x, { target: 0 }),
      /no layer "conv_frist"\. Did you mean "conv_first"\?$/,
    ],
    [() => prototype(net, { target: { layer: "score", unit: 0 }, steps: 1 }), /Did you mean "scores"\?$/],
    [() => loadModel("efficientnet"), /built in: .*Did you mean "efficientnet-lite0"\?$/, ["efficientnet-lite0"]],
    [() => loadModel("mnist.cnn"), /no model "mnist\.cnn"; built in: /],
    [() => loadDensity("mnist-gausian"), /Did you mean "mnist-gaussian"\?$/, ["mnist-gaussian"]],
  ];
  for (const [look, message, candidates] of cases) {
    await assert.rejects(
      async () => look(),
      (error: Error & { candidates?: string[] }) => {
        assert.match(error.message, message);
        if (candidates) assert.deepEqual(error.candidates, candidates);
        return true;
      },
    );
  }
  // A long list is left out where a name is near, and given where none is.
  assert.throws(
    () => findMethod("lrq"),
    (error: Error) => error.message.length < 100,
  );
  assert.throws(
    () => findMethod("magic"),
    (error: Error) => ids().every((id) => error.message.includes(id)),
  );
});

const ids = () => methods.map(({ id }) => id);

test("a method's id is known to the compiler", () => {
  const id: MethodId = "integrated-gradients";
  // @ts-expect-error There is no such method.
  const wrong: MethodId = "integrated-gradient";
  assert.equal(findMethod(id).id, id);
  assert.throws(() => findMethod(wrong), ParameterError);
});

test("a class name goes wherever an index goes, and gives the same numbers", async () => {
  const model = { net, classNames, input: {} };
  for (const explain of [sensitivity(model), lrp(model, { composite: "epsilon" }), occlusion(model, { window: 3 })]) {
    const byIndex = await explain(x, { target: [0, 2] });
    const byName = await explain(x, { target: ["tabby", "goose"] });
    assert.deepEqual(byName.target, [0, 2]);
    assert.deepEqual(byName.relevance, byIndex.relevance);
    assert.deepEqual((await explain(x, { target: "Goose" })).target, [2, 2]);
    assert.deepEqual((await explain(x, { target: ["3", 1] })).target, [3, 1]);
    assert.deepEqual((await explain(x, { target: "top1" })).target, (await explain(x)).target);
  }
  const explain = sensitivity(model);
  const options = { shape: [6, 6, 1], steps: 3, bounds: null } as const;
  const pictures = await Promise.all([2, "goose"].map((target) => prototype(model, { target, ...options })));
  assert.deepEqual(pictures[0]!.picture, pictures[1]!.picture);

  const cases: [() => Promise<unknown>, RegExp, number[]?][] = [
    [() => explain(x, { target: "cat" }), /"cat" fits 2 classes: 0 \(tabby, tabby cat\), 1 \(tiger cat\)/, [0, 1]],
    [() => explain(x, { target: "gose" }), /No class is called "gose"; did you mean 2 \(goose\)\?/, [2]],
    [() => explain(x, { target: ["goose", "xyzzy"] }), /No class is called "xyzzy"/, []],
    [
      () => sensitivity(net)(x, { target: "goose" }),
      /has no class names, so none is called "goose"; give an index/,
      [],
    ],
    [() => explain(x, { target: "goose", output: 1 }), /first output; give an index of output 1/, []],
    [() => prototype(model, { target: "gose", ...options }), /did you mean 2 \(goose\)/, [2]],
  ];
  for (const [run, message, candidates] of cases) {
    await assert.rejects(run, (error: TargetNameError) => {
      assert.ok(error instanceof TargetNameError && error instanceof TargetError);
      assert.match(error.message, message);
      assert.deepEqual(
        error.candidates.map(({ index }) => index),
        candidates,
      );
      return true;
    });
  }
  await assert.rejects(() => explain(x, { target: "9" }), { name: "TargetError", message: /outputs 0 to 3/ });
});
