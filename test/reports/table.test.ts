/** Stored states: which one is nearest, under which key, and what their arrays lose. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  joined,
  keyOf,
  nearestState,
  numbersOf,
  type PrecomputedTable,
  reached,
  rounded,
  type TableAxis,
  valueNow,
} from "../../src/reports/table.js";

const axis = (setting: string, values: unknown[], shown: unknown, group: number, ordered = true): TableAxis => ({
  ...{ model: "m", setting, label: setting, values, shown, ordered, group },
});
const table = (...axes: TableAxis[]): PrecomputedTable => ({ axes, states: [] });
const number = fc.double({ min: -100, max: 100, noNaN: true });

test("what is asked for becomes the nearest stored value, and no other is nearer", () => {
  fc.assert(
    fc.property(fc.uniqueArray(number, { minLength: 1 }), number, number, (values, shown, asked) => {
      const own = table(axis("gamma", values, shown, 0));
      // From a value that is none of them, so that nothing is left.
      const found = nearestState(own, [undefined], 0, asked)!;
      const distances = [shown, ...values].map((value) => Math.abs(value - asked));
      assert.equal(Math.abs((found.values[0] as number) - asked), Math.min(...distances));
      const isStored = [shown, ...values].some((value) => value === asked || (value === 0 && asked === 0));
      assert.equal(found.how, isStored ? "stored" : "nearest");
    }),
  );
});

test("a small step leaves a stored value for its neighbor, so that an arrow key is not caught", () => {
  const own = table(axis("gamma", [0, 0.1, 1], 0.25, 0));
  const from = (now: number, asked: number) => nearestState(own, [now], 0, asked)!.values[0];
  assert.deepEqual([from(0.25, 0.26), from(0.25, 0.24), from(1, 1.01), from(0, 0.01)], [1, 0.1, 1, 0.1]);
});

test("nothing is near a class: one that is not stored is refused", () => {
  const own = table(axis("target", [3, 7], 4, 0, false));
  assert.equal(nearestState(own, [4], 0, 5), null);
  assert.deepEqual(nearestState(own, [4], 0, 7), { values: [7], how: "stored" });
  assert.equal(nearestState(table(axis("method", ["lrp"], "gradient", 0)), ["lrp"], 0, "occlusion"), null);
});

test("axes of one group keep their values, those of others go back to what is shown", () => {
  const own = table(axis("gamma", [0, 1], 0.25, 0), axis("epsilon", [1, 2], 0, 0), axis("target", [3], 4, 1, false));
  assert.deepEqual(nearestState(own, [1, 2, 4], 0, 0)!.values, [0, 2, 4]);
  assert.deepEqual(nearestState(own, [1, 2, 4], 2, 3)!.values, [0.25, 0, 3]);
});

test("tables of the same models are one: an axis of either takes those of the other back", () => {
  const of = (model: string, changed: string, value: number): PrecomputedTable => ({
    axes: [{ ...axis("value", [value], 0, 0), model }],
    states: [{ key: `{"${model}.value":${value}}`, changes: [{ model: changed, trait: "total", value }] }],
  });
  const all = [of("a", "map", 1), of("c", "other", 3), of("b", "map", 2)];
  const [first, second] = joined(all);
  assert.deepEqual([first!.parts, second!.parts], [[0, 2], [1]]);
  const { table: own } = first!;
  const moved = reached(own, [1, 0], 1, 2)!;
  assert.deepEqual(moved.values, [0, 2]);
  assert.ok(own.states.some(({ key }) => key === keyOf(own.axes, moved.values)));
  // One that has something of two joins both.
  const between = {
    axes: [axis("x", [1], 0, 0)],
    states: [{ key: "", changes: ["map", "other"].map((model) => ({ model, trait: "t", value: 0 })) }],
  };
  assert.deepEqual(
    joined([...all, between]).map(({ parts }) => [...parts].sort()),
    [[0, 1, 2, 3]],
  );
});

test("of one setting in two tables the nearest value is taken, wherever it stands, and every state that is reached is stored", () => {
  const gamma = (values: number[], group: number) => axis("gamma", values, 0.25, group);
  const [one] = joined([
    { axes: [gamma([0, 0.5, 1], 0)], states: [] },
    { axes: [gamma([0.1, 1], 0), axis("target", [3, 7], 4, 0, false)], states: [] },
  ]);
  const own = one!.table;
  assert.deepEqual(reached(own, [0.25, 0.25, 4], 0, 0.5)!.values, [0.5, 0.25, 4]);
  assert.deepEqual(reached(own, [0.5, 0.25, 4], 0, 0.12)!.values, [0.25, 0.1, 4]);
  // With a class that was stored with it, it stays there.
  assert.deepEqual(reached(own, [0.25, 0.1, 7], 0, 1)!.values, [0.25, 1, 7]);
  assert.equal(valueNow(own, [0.25, 1, 7], 0), 1);
  const moves = fc.array(fc.tuple(fc.constantFrom(0, 2), fc.double({ min: 0, max: 8, noNaN: true })), { maxLength: 8 });
  fc.assert(
    fc.property(moves, (all) => {
      let now: readonly unknown[] = [0.25, 0.25, 4];
      for (const [at, asked] of all)
        now = reached(own, now, at, at === 2 ? Math.floor(asked) : asked / 8)?.values ?? now;
      const groups = own.axes.flatMap(({ group, shown }, at) => (now[at] === shown ? [] : [group]));
      assert.ok(new Set(groups).size <= 1, `${now}`);
    }),
  );
});

test("a key is canonical: it names what differs from what is shown, whatever the order", () => {
  const [a, b] = [axis("gamma", [0, 1], 0.25, 0), axis("target", [{ not: 3 }], 4, 0)];
  assert.equal(keyOf([a, b], [1, { not: 3 }]), '{"m.gamma":1,"m.target":{"not":3}}');
  assert.equal(keyOf([b, a], [{ not: 3 }, 1]), keyOf([a, b], [1, { not: 3 }]));
  assert.equal(keyOf([a, b], [0.25, 4]), "{}");
});

test("a map in 255 levels is off by half a level at most, keeps its zeros and signs, and its extreme", () => {
  fc.assert(
    fc.property(fc.float32Array({ min: -1e6, max: 1e6, noNaN: true, minLength: 1, maxLength: 50 }), (values) => {
      const { levels, scale } = rounded(values);
      const array = { shape: [values.length], dtype: "int8" as const, scale, at: 0, bytes: levels.length };
      const back = numbersOf(new Uint8Array(levels.buffer), array);
      values.forEach((value, at) => {
        assert.ok(Math.abs(back[at]! - value) <= scale * 0.5001, `${value} became ${back[at]}`);
        assert.ok(back[at]! * value >= 0);
        if (value === 0) assert.equal(Math.abs(back[at]!), 0);
      });
    }),
  );
});
