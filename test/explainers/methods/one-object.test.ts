import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import * as explainers from "../../../src/explainers/index.js";
import { findMethod, type Method, methods, type Parameter, ParameterError } from "../../../src/explainers/index.js";
import { methodsPage } from "../../../tools/docs/methods-page.js";
import { convolutionalNet } from "../../helpers/nets.js";
import { normals } from "../../helpers/tensors.js";

const images = tf.tidy(() => normals(31)(1, 8, 8, 2).clipByValue(-2, 2));
const words = normals(32)(1, 5, 4);
const rows = normals(33)(1, 6);
const training = normals(34)(40, 6);
const recurrent = tf.sequential({
  layers: [tf.layers.lstm({ inputShape: [5, 4], units: 6 }), tf.layers.dense({ units: 3 })],
});
const table = tf.sequential({
  layers: [tf.layers.dense({ inputShape: [6], units: 8, activation: "relu" }), tf.layers.dense({ units: 3 })],
});
/** As `loadModel` gives it: what the model knows of its input makes references by color. */
const image = { net: convolutionalNet(), input: { low: -2, high: 2 } };

function settingOf({ id, inputs }: Method) {
  if (inputs.includes("image")) return { model: image, x: images };
  return inputs[0] === "sequence" || id === "lrp-recurrent"
    ? { model: { net: recurrent }, x: words }
    : { model: { net: table }, x: rows };
}

/** The constants that a cell imports, by id. */
const constants = new Map(
  Object.values(explainers).flatMap((value) => {
    const { id, family } = value as Partial<Method>;
    return typeof value === "function" && typeof id === "string" && family !== undefined
      ? [[id, value as unknown as Method] as const]
      : [];
  }),
);

for (const method of methods) {
  test(`${method.id}: by function and from the list the same numbers, bit for bit, with no more than it must be given`, async () => {
    const { model, x } = settingOf(method);
    const options = method.parameters["training"]?.required ? { training } : {};
    const byFunction = constants.get(method.id) ?? method;
    // A root that a line search looks for need not be on a random net's line.
    const runs = [byFunction, findMethod(method.id)].map((callable) =>
      callable(model, options)(x, { target: 0 }).catch((error: Error) => error),
    );
    const [one, other] = await Promise.all(runs);
    if (one instanceof Error || other instanceof Error) {
      assert.equal(method.id, "simple-taylor");
      assert.equal(String(one), String(other));
      return;
    }
    assert.deepEqual(one!.relevance, other!.relevance);
    assert.deepEqual(one!.parameters, other!.parameters);
    assert.equal(one!.method, method.name);
  });

  test(`${method.id}: refuses by name an option that it has not, a wrong type and a value out of range`, () => {
    const { model } = settingOf(method);
    const required = method.parameters["training"]?.required ? { training } : {};
    const refuses = (name: string, value: unknown) =>
      assert.throws(
        () => method(model, { ...required, [name]: value }),
        (error: unknown) => error instanceof ParameterError && error.parameter === name,
        `${name}: ${String(value)}`,
      );
    refuses("magic", 1);
    for (const [name, parameter] of Object.entries(method.parameters)) {
      for (const value of wrong(parameter)) refuses(name, value);
    }
  });
}

/** Values that a parameter must refuse: of another type, and beyond each of its bounds. */
function wrong({ type, least, most }: Parameter): unknown[] {
  const beyond = [
    ...(least !== undefined ? [least - 1] : []),
    ...(most !== undefined ? [most + 1] : []),
    ...(type === "whole number" ? [0.5] : []),
  ];
  return [Symbol("no value"), { no: "value" }, Number.NaN, null, ...beyond];
}

test("what a cell imports, the list, the command line's names and the page of documentation are the same objects", () => {
  const page = methodsPage();
  for (const method of methods) {
    assert.equal(findMethod(method.id), method);
    assert.ok(page.includes(`<a id="${method.id}"></a>`), method.id);
  }
  for (const [id, constant] of constants) assert.equal(findMethod(id), constant, id);
});
