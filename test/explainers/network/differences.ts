import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import { gradients, record } from "../../../src/explainers/index.js";

/*
 * The vector-Jacobian products of the network's operations against differences of the function itself, on whatever backend
 * runs: over strides, paddings, sizes of 1, dilations, alignments, axes, broadcasts and ties.
 */

type Case = readonly [name: string, f: (x: tf.Tensor) => tf.Tensor, shape: readonly number[], ties?: boolean];
type Pair = [number, number];

const values = (shape: readonly number[], phase = 0): tf.Tensor =>
  tf.tensor(
    Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => Math.sin(i * 1.3 + phase) + 0.1 * Math.cos(7 * i),
    ),
    [...shape],
  );

function* resizes(): Generator<Case> {
  const modes: readonly [string, boolean, boolean][] = [
    ["as it is", false, false],
    ["aligned corners", true, false],
    ["half-pixel centers", false, true],
  ];
  const sizes: readonly (readonly [Pair, Pair])[] = [
    [
      [2, 2],
      [4, 4],
    ],
    [
      [3, 4],
      [5, 7],
    ],
    [
      [5, 7],
      [3, 4],
    ],
    [
      [1, 3],
      [4, 4],
    ],
    [
      [3, 1],
      [2, 5],
    ],
    [
      [4, 4],
      [1, 1],
    ],
    [
      [4, 4],
      [4, 4],
    ],
    [
      [4, 4],
      [2, 1],
    ],
    [
      [1, 1],
      [3, 2],
    ],
  ];
  for (const [mode, corners, centers] of modes) {
    for (const [from, to] of sizes) {
      const shape = [2, ...from, 2];
      const name = `${from} to ${to}, ${mode}`;
      yield [`bilinear ${name}`, (x) => tf.image.resizeBilinear(x as tf.Tensor4D, to, corners, centers), shape];
      const nearest = (x: tf.Tensor) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, to, corners, centers);
      yield [`nearest ${name}`, nearest, shape];
    }
  }
}

function* windows(): Generator<Case> {
  const pools: readonly (readonly [number | Pair, number | Pair])[] = [
    [2, 2],
    [2, 1],
    [3, 2],
    [3, 1],
    [
      [1, 2],
      [1, 2],
    ],
    [1, 1],
    [1, 2],
    [2, 3],
    [
      [3, 1],
      [2, 1],
    ],
  ];
  const pictures: readonly Pair[] = [
    [6, 6],
    [7, 5],
    [3, 4],
    [1, 4],
  ];
  for (const pad of ["valid", "same"] as const) {
    for (const picture of pictures) {
      for (const [size, strides] of pools) {
        const [height, width] = typeof size === "number" ? [size, size] : size;
        if (pad === "valid" && (height > picture[0] || width > picture[1])) continue;
        const name = `of ${size} by ${strides}, ${pad}, on ${picture}`;
        yield [`average pool ${name}`, (x) => tf.avgPool(x as tf.Tensor4D, size, strides, pad), [2, ...picture, 2]];
        const most = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, strides, pad);
        yield [`max pool ${name}`, most, [2, ...picture, 2]];
        yield [`max pool with ties ${name}`, most, [1, ...picture, 1], true];
      }
    }
    for (const [size, strides] of [
      [2, 1],
      [2, 2],
      [3, 2],
    ] as const) {
      const name = `of volumes of ${size} by ${strides}, ${pad}`;
      yield [`average pool ${name}`, (x) => tf.avgPool3d(x as tf.Tensor5D, size, strides, pad), [1, 4, 4, 3, 2]];
      yield [`max pool ${name}`, (x) => tf.maxPool3d(x as tf.Tensor5D, size, strides, pad), [1, 4, 4, 3, 2]];
      const filter = values([size, size, size, 1, 2], 1) as tf.Tensor5D;
      yield [`convolution ${name}`, (x) => tf.conv3d(x as tf.Tensor5D, filter, strides, pad), [1, 4, 4, 3, 1]];
    }
  }
}

function* convolutions(): Generator<Case> {
  const kernels: readonly (readonly [Pair, number, number | Pair])[] = [
    [[3, 3], 1, 1],
    [[3, 3], 2, 1],
    [[1, 3], 2, 1],
    [[3, 1], 2, 1],
    [[1, 1], 2, 1],
    [[2, 2], 3, 1],
    [[3, 3], 1, 2],
    [[2, 3], 1, [1, 2]],
    [[2, 2], 2, 1],
  ];
  for (const pad of ["valid", "same"] as const) {
    for (const picture of [
      [6, 6],
      [7, 5],
    ] as const) {
      const shape = [2, ...picture, 2];
      for (const [size, stride, dilation] of kernels) {
        const name = `${size} by ${stride}, dilated ${dilation}, ${pad}, on ${picture}`;
        const filter = values([...size, 2, 3], 1) as tf.Tensor4D;
        const own = values([...size, 2, 2], 2) as tf.Tensor4D;
        yield [`conv2d ${name}`, (x) => tf.conv2d(x as tf.Tensor4D, filter, stride, pad, "NHWC", dilation), shape];
        yield [
          `depthwise ${name}`,
          (x) => tf.depthwiseConv2d(x as tf.Tensor4D, own, stride, pad, "NHWC", dilation),
          shape,
        ];
        if (dilation !== 1) continue;
        const transposed = values([...size, 3, 2], 3) as tf.Tensor4D;
        const [height, width] = picture.map((n, axis) =>
          pad === "same" ? n * stride : n * stride + Math.max(size[axis]! - stride, 0),
        ) as Pair;
        yield [
          `transposed ${name}`,
          (x) => tf.conv2dTranspose(x as tf.Tensor4D, transposed, [2, height, width, 3], stride, pad),
          shape,
        ];
      }
    }
  }
}

function* moves(): Generator<Case> {
  for (const mode of ["reflect", "symmetric"] as const) {
    yield [
      `mirror pad, ${mode}`,
      (x) =>
        tf.mirrorPad(
          x,
          [
            [0, 0],
            [1, 2],
            [2, 1],
          ],
          mode,
        ),
      [2, 3, 4],
    ];
  }
  for (const axis of [1, 2]) {
    for (const exclusive of [false, true]) {
      for (const reverse of [false, true]) {
        const name = `running sum along ${axis}${exclusive ? ", exclusive" : ""}${reverse ? ", reversed" : ""}`;
        yield [name, (x) => tf.cumsum(x, axis, exclusive, reverse), [2, 3, 4]];
      }
    }
  }
  const indices = tf.tensor1d([2, 0, 0, 1], "int32");
  yield ["gather", (x) => tf.gather(x, indices, 1), [2, 3, 4]];
  yield [
    "gather by sample",
    (x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [2, 0],
            [1, 1],
          ],
          [2, 2],
          "int32",
        ),
        1,
        1,
      ),
    [2, 3, 4],
  ];
  yield [
    "gatherND",
    (x) =>
      tf.gatherND(
        x,
        tf.tensor2d(
          [
            [0, 1],
            [1, 2],
            [0, 1],
          ],
          [3, 2],
          "int32",
        ),
      ),
    [2, 3, 4],
  ];
  yield ["strided slice", (x) => tf.stridedSlice(x, [0, 0, 3], [2, 3, 0], [1, 2, -1]), [2, 3, 4]];
  yield ["tile", (x) => tf.tile(x, [1, 2, 3]), [2, 3, 4]];
  yield ["reverse", (x) => tf.reverse(x, [1, -1]), [2, 3, 4]];
  yield [
    "space to batch",
    (x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [1, 1],
        ],
      ),
    [1, 4, 4, 2],
  ];
  yield ["depth to space", (x) => tf.depthToSpace(x as tf.Tensor4D, 2, "NHWC"), [1, 2, 3, 8]];
  // The same tensor twice beside a constant.
  yield ["concatenation with a constant", (x) => tf.concat([x, tf.ones([2, 1, 4]), x], 1), [2, 3, 4]];
  yield ["atan2 of one tensor with itself", (x) => tf.atan2(x, x), [2, 3]];
}

function* reductions(): Generator<Case> {
  const all = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min, prod: tf.prod, logSumExp: tf.logSumExp };
  for (const [name, reduce] of Object.entries(all)) {
    for (const axes of [[1], [2], [1, 2], [-1], [3, 1]]) {
      for (const keep of [false, true]) {
        const f = (x: tf.Tensor) => reduce(x, axes, keep);
        yield [`${name} over ${axes}${keep ? ", kept" : ""}`, f, [2, 3, 4, 2]];
        if (name === "max" || name === "min") yield [`${name} with ties over ${axes}`, f, [2, 3, 4, 2], true];
      }
    }
  }
}

function* broadcasts(): Generator<Case> {
  const all: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
    add: tf.add,
    sub: tf.sub,
    mul: tf.mul,
    div: (a, b) => tf.div(a, tf.add(tf.square(b), 1)),
    maximum: tf.maximum,
    minimum: tf.minimum,
    squaredDifference: tf.squaredDifference,
    pow: (a, b) => tf.pow(tf.add(tf.abs(a), 0.5), b),
    atan2: tf.atan2,
  };
  const pairs: readonly (readonly [number[], number[]])[] = [
    [
      [3, 4],
      [3, 4],
    ],
    [
      [3, 1],
      [1, 4],
    ],
    [
      [1, 4],
      [3, 4],
    ],
    [
      [3, 4],
      [1, 1],
    ],
  ];
  for (const [name, f] of Object.entries(all)) {
    for (const [a, b] of pairs) {
      const [first, second] = [a[0]! * a[1]!, b[0]! * b[1]!];
      const both = (x: tf.Tensor) =>
        f(
          tf.reshape(tf.slice(x, [0, 0], [-1, first]), [-1, ...a]),
          tf.reshape(tf.slice(x, [0, first], [-1, second]), [-1, ...b]),
        );
      yield [`${name} of ${a} and ${b}`, both, [2, first + second]];
      const fixed = tf.add(values([...b], 4), 0.2);
      yield [`${name} of ${a} and a constant of ${b}`, (x) => f(x, fixed), [2, ...a]];
      yield [`${name} of a constant of ${b} and ${a}`, (x) => f(fixed, x), [2, ...a]];
    }
  }
}

const families = { resizes, windows, convolutions, moves, reductions, broadcasts };

/** How far an entry is moved: small against the distance to the next kink, large against rounding. */
const STEP = 4e-3;

/** How many entries of a large input are looked at. */
const SOME = 24;

/** Registers a test for every family of operations, on the backend that runs then. */
export function checkVjps(): void {
  for (const [family, cases] of Object.entries(families)) {
    test(`vector-Jacobian products are differences: ${family}`, () => {
      for (const one of cases()) tf.tidy(() => check(one));
    });
  }

  test("a strided slice that drops an axis takes what it says", () => {
    const x = tf.reshape(tf.range(0, 24), [2, 3, 4]);
    const sliced = (begin: number[], end: number[], strides: number[], drop: number) =>
      Array.from(tf.stridedSlice(x, begin, end, strides, 0, 0, 0, 0, drop).dataSync());
    assert.deepEqual(sliced([0, 1, 0], [2, 2, 4], [1, 1, 2], 2), [4, 6, 16, 18]);
    assert.deepEqual(sliced([0, -1, 3], [2, 3, 0], [1, 1, -2], 2), [11, 9, 23, 21]);
    assert.deepEqual(sliced([1, 0, 1], [2, 3, 4], [1, 2, 2], 1), [13, 15, 21, 23]);
  });

  test("a quotient rounded down is flat", () => {
    const x = values([2, 3, 4]);
    const recording = record((a: tf.Tensor) => tf.floorDiv(tf.mul(a, 7), tf.add(tf.square(a), 1.5)), x);
    const [output] = recording.graph.outputs;
    const found = gradients(recording, new Map([[output!, values(recording.outputs[0]!.shape)]]));
    assert.ok([...found.values()].every((gradient) => gradient.dataSync().every((entry) => entry === 0)));
    recording.dispose();
  });
}

function check([name, f, shape, ties = false]: Case): void {
  // With ties, a derivative is anything between those of the two sides, and no part of it is lost or doubled.
  const x = ties ? tf.round(tf.mul(values(shape, 0.3), 1.2)) : values(shape, 0.3);
  const recording = record(f, x);
  const seed = ties ? tf.abs(values(recording.outputs[0]!.shape, 2)) : values(recording.outputs[0]!.shape, 2);
  const found = gradients(recording, new Map([[recording.graph.outputs[0]!, seed]]));
  const gradient = found.get(recording.graph.inputs[0]!)!.dataSync<"float32">();
  const score = (entries: Float32Array): number =>
    tf.tidy(() => tf.sum(tf.mul(f(tf.tensor(entries, [...shape])), seed)).dataSync()[0]!);
  const entries = x.dataSync<"float32">();
  const middle = score(entries);
  const moved = (index: number, by: number) => score(entries.slice().fill(entries[index]! + by, index, index + 1));
  // Of many entries some, spread over all axes.
  const step = entries.length <= SOME ? 1 : Math.ceil(entries.length / SOME) | 1;
  const looked = Array.from({ length: Math.ceil(entries.length / step) }, (_, place) => place * step);
  const sides = looked.map((index) => [(moved(index, STEP) - middle) / STEP, (middle - moved(index, -STEP)) / STEP]);
  const tolerance = 1e-2 * Math.max(...sides.flat().map(Math.abs), 1e-3);
  sides.forEach((pair, place) => {
    const index = looked[place]!;
    const [least, most] = [Math.min(...pair), Math.max(...pair)];
    const entry = gradient[index]!;
    assert.ok(
      entry >= least - tolerance && entry <= most + tolerance,
      `${name}: at ${index} ${entry}, by differences ${least} to ${most}`,
    );
  });
  if (ties) {
    const sum = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum(gradient) - sum(seed.dataSync())) <= 1e-4 * seed.size, `${name}: its sum`);
  }
  recording.dispose();
}
