import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { UnsupportedOperationError } from "../../../../src/explainers/errors.js";
import { deepLift } from "../../../../src/explainers/methods/gradient/index.js";
import { close } from "../../../helpers/numbers.js";
import { normals } from "../../../helpers/tensors.js";

/* Conditions, choices, roundings, maxima and padding: flat but where they jump. */

type Net = (x: tf.Tensor) => tf.Tensor;

const draw = normals(3);
const [w, v, wide, token] = [draw(6, 4), draw(4, 3), draw(8, 3), draw(1, 1, 4)];
const hidden: Net = (x) => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D);
const out = (x: tf.Tensor): tf.Tensor => tf.matMul(tf.cast(x, "float32") as tf.Tensor2D, v as tf.Tensor2D);
const bounds = tf.tensor1d([0.1, -0.2, 0.3, 0]);

const nets: Record<string, Net> = {
  "a choice of two computed sides": (x) => {
    const h = hidden(x);
    return out(tf.where(tf.greater(h, 0.2), tf.mul(h, 2), tf.sub(h, 1)));
  },
  "scores masked by a choice": (x) => {
    const h = hidden(x);
    return out(tf.softmax(tf.where(tf.less(h, -1), tf.fill(h.shape, -1e9), h)));
  },
  "scores masked by a sum": (x) => {
    const h = hidden(x);
    const isMasked = tf.cast(tf.less(h, -1), "float32");
    return out(tf.softmax(tf.add(h, tf.mul(isMasked, -1e9))));
  },
  conjunctions: (x) => out(tf.logicalAnd(tf.greater(hidden(x), -0.5), tf.lessEqual(hidden(x), 0.5))),
  "disjunctions and negations": (x) =>
    out(tf.logicalOr(tf.greater(hidden(x), 0.5), tf.logicalNot(tf.lessEqual(hidden(x), -0.5)))),
  "whether any holds": (x) => tf.mul(tf.cast(tf.any(tf.greater(hidden(x), 0.3), -1, true), "float32"), hidden(x)),
  "whether all hold": (x) => tf.mul(tf.cast(tf.all(tf.less(hidden(x), 0.9), [1], true), "float32"), hidden(x)),
  "where the largest is": (x) => {
    const h = hidden(x);
    return out(tf.mul(tf.cast(tf.equal(h, tf.max(h, -1, true)), "float32"), h));
  },
  roundings: (x) => out(tf.add(tf.floor(tf.mul(hidden(x), 3)), tf.round(tf.mul(hidden(x), 4)))),
  signs: (x) => out(tf.sign(hidden(x))),
  "the rest of a division": (x) => out(tf.mod(hidden(x), 0.3)),
  "a maximum over an axis": (x) => tf.mul(tf.max(hidden(x), -1, true), [1, 2, 3]),
  "a maximum with ties": (x) => tf.max(tf.concat([hidden(x), hidden(x)], 1), 1, true),
  "a minimum over an axis": (x) => tf.min(hidden(x), 1, true),
  "bounds for each entry": (x) => out(tf.maximum(tf.minimum(hidden(x), bounds), tf.sub(bounds, 1))),
  "padding with a number": (x) => {
    const padded = tf.pad(
      hidden(x),
      [
        [0, 0],
        [2, 2],
      ],
      0.7,
    );
    return tf.matMul(tf.relu(padded) as tf.Tensor2D, wide as tf.Tensor2D);
  },
  "padding with what lies there": (x) => {
    const padded = tf.mirrorPad(
      hidden(x),
      [
        [0, 0],
        [2, 2],
      ],
      "symmetric",
    );
    return tf.matMul(tf.relu(padded) as tf.Tensor2D, wide as tf.Tensor2D);
  },
  "padding with −∞ before maxima": (x) => {
    const picture = tf.pad(
      tf.reshape(hidden(x), [-1, 2, 2, 1]),
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      Number.NEGATIVE_INFINITY,
    );
    return tf.reshape(tf.maxPool(picture as tf.Tensor4D, 2, 1, "valid"), [-1, 9]);
  },
  "a constant beside what is computed": (x) => {
    const tokens = tf.concat([tf.tile(token, [x.shape[0]!, 1, 1]), tf.reshape(hidden(x), [-1, 1, 4])], 1);
    return tf.matMul(tf.relu(tf.reshape(tokens, [-1, 8])) as tf.Tensor2D, wide as tf.Tensor2D);
  },
  "a quotient that is 0 over 0": (x) => tf.divNoNan(hidden(x), tf.relu(hidden(x))),
};

for (const [name, net] of Object.entries(nets)) {
  test(`DeepLIFT sums to the difference from the reference: ${name}`, async () => {
    for (const batch of [1, 3]) {
      const x = normals(batch)(batch, 6);
      for (const reference of [0, normals(9)(1, 6)]) {
        for (const rule of ["rescale", "reveal-cancel"] as const) {
          const { relevance, output, baselineOutput } = await deepLift(net, { reference, rule })(x, { target: 0 });
          output.forEach((value, sample) => {
            const sum = relevance.slice(sample * 6, sample * 6 + 6).reduce((a, b) => a + b, 0);
            const difference = value - baselineOutput[sample]!;
            assert.ok(
              Math.abs(sum - difference) < 1e-4 * Math.max(1, Math.abs(difference)),
              `${rule}: ${sum} for ${difference}`,
            );
          });
        }
      }
    }
  });
}

const one = async (net: Net, x: number[], reference: number[]) =>
  Array.from((await deepLift(net, { reference: tf.tensor2d([reference]) })(tf.tensor2d([x]), { target: 0 })).relevance);

const part = (x: tf.Tensor, index: number): tf.Tensor => tf.slice(x, [0, index], [-1, 1]);

test("a changed choice counts with the mean of both sides' difference, each side with half of its own", async () => {
  // where(a > 0, b, c) from (−1, 2, 5) to (1, 3, 4): Δ = 3 − 5 = ½(3 − 2) + ½(4 − 5) + ½((3 − 4) + (2 − 5)).
  const net: Net = (x) => tf.where(tf.greater(part(x, 0), 0), part(x, 1), part(x, 2));
  close(await one(net, [1, 3, 4], [-1, 2, 5]), [-2, 0.5, -0.5], 1e-6);
  // The same choice: that side's own difference.
  close(await one(net, [1, 3, 4], [2, 2, 5]), [0, 1, 0], 1e-6);
});

test("a comparison shares its jump by the differences of what it compares", async () => {
  // a > b from (0, 1) to (3, 2): a − b goes from −1 to 1, by 3 − 1.
  const net: Net = (x) => tf.cast(tf.greater(part(x, 0), part(x, 1)), "float32");
  close(await one(net, [3, 2], [0, 1]), [1.5, -0.5], 1e-6);
  close(await one(net, [3, 2], [5, 1]), [0, 0], 0);
});

test("a maximum gives what it gained to its winner, what it lost to the one before, in equal parts where they tie", async () => {
  const net: Net = (x) => tf.max(x, 1, true);
  close(await one(net, [3, 1, 3], [0, 1, 0]), [1, 0, 1], 1e-6);
  close(await one(net, [1, 0, 4], [1, 2, 1]), [0, 0, 2], 1e-6);
  close(await one(net, [0, 1, 0], [0, 5, 0]), [0, -4, 0], 1e-6);
});

test("a number that pads has no part of a difference", async () => {
  const net: Net = (x) =>
    tf.sum(
      tf.square(
        tf.pad(
          x,
          [
            [0, 0],
            [1, 0],
          ],
          2,
        ),
      ),
      1,
      true,
    );
  close(await one(net, [3, -1], [1, 0]), [8, 1], 1e-5);
});

test("what has no exact multiplier is refused by name", async () => {
  for (const [net, kernel] of [
    [(x: tf.Tensor) => tf.prod(x, 1, true), "Prod"],
    [(x: tf.Tensor) => tf.topk(x, 2).values, "TopK"],
    [(x: tf.Tensor) => tf.atan2(part(x, 0), part(x, 1)), "Atan2"],
  ] as const) {
    await assert.rejects(
      deepLift(net)(tf.tensor2d([[1, 2, 3]]), { target: 0 }),
      (error: Error) => error instanceof UnsupportedOperationError && error.message.includes(kernel),
    );
  }
});
