import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type BufferPath, BufferPathError, insertBuffers, removeBuffers, viewAs } from "../../src/comms/buffers.js";

const binary = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.float32Array({ maxLength: 5, noNaN: true }),
  fc.int16Array({ maxLength: 5 }),
);
const { state } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    binary,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
  state: fc.dictionary(fc.string(), tie("value"), { maxKeys: 5, noNullPrototype: true }),
}));

/** Every leaf with its path, found without the code under test. */
function leaves(value: unknown, path: BufferPath = []): { path: BufferPath; leaf: unknown }[] {
  if (ArrayBuffer.isView(value) || value === null || typeof value !== "object") return [{ path, leaf: value }];
  if (Array.isArray(value)) return value.flatMap((item, i) => leaves(item, [...path, i]));
  return Object.keys(value).flatMap((key) => leaves((value as Record<string, unknown>)[key], [...path, key]));
}

test("binary parts come back to where they were taken, over real JSON", () => {
  fc.assert(
    fc.property(state, (given) => {
      const before = structuredClone(given);
      const split = removeBuffers(given as Record<string, unknown>);
      assert.deepEqual(given, before, "the state itself is left alone");
      const wire = JSON.parse(JSON.stringify(split.state)) as Record<string, unknown>;
      assert.deepEqual(insertBuffers(wire, split.buffer_paths, split.buffers), given);
    }),
  );
});

test("paths name every binary leaf, in order, and nothing else", () => {
  fc.assert(
    fc.property(state, (given) => {
      const expected = leaves(given).filter(({ leaf }) => ArrayBuffer.isView(leaf));
      const { buffer_paths, buffers } = removeBuffers(given as Record<string, unknown>);
      assert.deepEqual(
        buffer_paths,
        expected.map(({ path }) => path),
      );
      assert.deepEqual(
        buffers,
        expected.map(({ leaf }) => leaf),
      );
    }),
  );
});

test("members of objects are left out and items of lists become null, as the protocol's example says", () => {
  const x = new Float32Array([1, 2]);
  const given = { x: { ar: x, shape: [1, 2] }, y: [x, "kept", x], z: 1 };
  const split = removeBuffers(given);
  assert.deepEqual(split.state, { x: { shape: [1, 2] }, y: [null, "kept", null], z: 1 });
  assert.deepEqual(split.buffer_paths, [
    ["x", "ar"],
    ["y", 0],
    ["y", 2],
  ]);
});

test("paths that lead nowhere and missing buffers are errors that say so", () => {
  assert.throws(() => insertBuffers({ a: 1 }, [["a", "b"]], [new Uint8Array(1)]), {
    name: "BufferPathError",
    message: /\["a","b"\] leads nowhere/,
  });
  assert.throws(() => insertBuffers({}, [["a"], ["b"]], [new Uint8Array(1)]), {
    name: "BufferPathError",
    message: /2 buffer paths came with 1 buffers/,
  });
  const polluted: Record<string, unknown> = {};
  assert.throws(() => insertBuffers(polluted, [["__proto__", "x"]], [new Uint8Array(1)]), BufferPathError);
  assert.equal(({} as Record<string, unknown>)["x"], undefined);
});

test("a typed array is read at any offset", () => {
  const values = new Float32Array([1.5, -2, 3e-9]);
  for (const offset of [0, 1, 2, 3, 4]) {
    const frame = new Uint8Array(offset + values.byteLength);
    frame.set(new Uint8Array(values.buffer), offset);
    assert.deepEqual(viewAs(Float32Array, frame.subarray(offset)), values);
  }
  assert.throws(() => viewAs(Float32Array, new Uint8Array(7)), /7 bytes are no whole number of Float32Array elements/);
});
