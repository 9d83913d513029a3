import assert from "node:assert/strict";
import { test } from "node:test";
import { searchNames } from "../../src/widgets/parts/name-search.js";

const NAMES = ["tabby, tabby cat", "tiger cat", "catamaran", "Labrador retriever", "hen", "bobcat"];
const found = (typed: string, names = NAMES, count = NAMES.length) => {
  const { hits, fits, exact } = searchNames(typed, names, count);
  return { names: hits.map(({ name }) => name), indices: hits.map(({ index }) => index), fits, exact: exact?.index };
};

test("a name is found by its beginning first, then by that of a word, then by any part of it", () => {
  assert.deepEqual(found("CAT").names, ["catamaran", "tabby cat", "tiger cat", "bobcat"]);
  assert.deepEqual(found("retr").indices, [3]);
  assert.deepEqual(found("").indices, []);
});

test("of synonyms the one that fits best is shown, and a class once", () => {
  assert.deepEqual(found("tabby"), { names: ["tabby"], indices: [0], fits: true, exact: 0 });
  assert.deepEqual(found("tabby c"), { names: ["tabby cat"], indices: [0], fits: true, exact: undefined });
});

test("an index is taken as far as there are outputs, also without names", () => {
  assert.deepEqual(found("3"), { names: ["Labrador retriever"], indices: [3], fits: true, exact: 3 });
  assert.deepEqual(found("6"), { names: [], indices: [], fits: false, exact: undefined });
  assert.deepEqual(found("6", [], 10), { names: ["output 6"], indices: [6], fits: true, exact: 6 });
});

test("where nothing fits, what resembles it is offered, and nothing where nothing does", () => {
  assert.deepEqual(found("labrador retreiver"), {
    names: ["Labrador retriever"],
    indices: [3],
    fits: false,
    exact: undefined,
  });
  assert.deepEqual(found("xyzzy"), { names: [], indices: [], fits: false, exact: undefined });
});

test("two classes of one name are no exact hit", () => {
  const { exact, hits } = searchNames("crane", ["crane", "heron", "crane"], 3);
  assert.deepEqual([exact, hits.length], [undefined, 2]);
});
