/** What the browser of a store shows is what the store holds, whatever a reader chooses and however far the run is. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { type RelevanceBrowserState, SAMPLES_A_PAGE } from "../../src/comms/states/relevance-browser.js";
import { RelevanceBrowser, TraitError } from "../../src/kernel-helpers/index.js";
import { openRelevanceStore } from "../../src/kernel-helpers/relevance/relevance-store.js";
import type { Prepared } from "../../src/runs/spec.js";
import { RunStore, type ShardValues } from "../../src/runs/store/store.js";
import { scratchFolder } from "../helpers/scratch.js";

const scratch = scratchFolder("relevance-browser");
const COUNT = 61;
const SHARD = 8;

const prepared = (target: string): Prepared => ({
  record: {
    format: "limpid-run-1",
    model: { name: "net", source: "net", key: "1" },
    method: { id: "lrp", name: "LRP", reference: "", given: {}, parameters: {} },
    target,
    data: { name: "rows", source: "rows.npy", count: COUNT, key: "2" },
    ...{
      shard: SHARD,
      batch: 2,
      mantissaBits: null,
      result: "entries",
      signed: true,
      additive: true,
      channels: "apart",
    },
    made: { date: "", limpid: "", backend: "", node: "", platform: "", cpu: "", threads: 1 },
  },
  shapes: {
    count: COUNT,
    ...{
      relevance: [4, 3, 2],
      outputs: 3,
      classNames: ["cat, tom", "dog", "10"],
      layers: ["input", "top"],
      hasLabels: true,
    },
  },
});

const failed = (index: number) => index % 11 === 5;
const outputOf = (index: number) => Math.fround(((index * 37) % 61) - 20);
const totalOf = (index: number) => Math.fround(outputOf(index) * (1 + ((index * 13) % 7) / 10));
const targetOf = (index: number) => (failed(index) ? -1 : index % 3);
const labelOf = (index: number) => (index % 5 === 0 ? -1 : (index + (index % 4 === 0 ? 1 : 0)) % 3);
const idOf = (index: number) => `Foto ${String.fromCharCode(97 + (index % 7))}/${index}.png`;
const relevanceOf = (index: number, at: number) => index + at / 100;

function valuesOf(shard: number, mended = false): ShardValues {
  const indices = Array.from({ length: Math.min(SHARD, COUNT - shard * SHARD) }, (_, row) => shard * SHARD + row);
  const wrong = (index: number) => failed(index) && !mended;
  const numbers = (of: (index: number) => number) =>
    Float32Array.from(indices, (index) => (wrong(index) ? Number.NaN : of(index)));
  return {
    relevance: Float32Array.from(
      indices.flatMap((index) => Array.from({ length: 24 }, (_, at) => relevanceOf(index, at))),
    ),
    output: numbers(outputOf),
    total: numbers(totalOf),
    outputs: Float32Array.from(
      indices.flatMap((index) =>
        [0, 1, 2].map((one) => (wrong(index) ? Number.NaN : one === targetOf(index) ? 2 : one / 10)),
      ),
    ),
    layer_sum: Float32Array.from(indices.flatMap((index) => [totalOf(index), outputOf(index)])),
    target: Int32Array.from(indices, (index) => (mended && failed(index) ? 0 : targetOf(index))),
    label: Int32Array.from(indices, labelOf),
    content: Int32Array.from(indices, () => 0),
    id: indices.map(idOf),
    error: indices.map((index) => (wrong(index) ? `is no picture (${index})` : "")),
  };
}

type Filter = Partial<
  Pick<RelevanceBrowserState, "target" | "label" | "which" | "search" | "sort" | "descending" | "page">
>;

for (const target of ["top1", "label"]) {
  test(`pages are those of the filters, after any sequence of them and of shards; explained was ${target}`, async () => {
    const path = join(scratch, `${target}.zarr`);
    const store = await RunStore.open(path, prepared(target));
    const browser = new RelevanceBrowser(path, { every: 0 });
    await browser.settled();
    assert.deepEqual([browser.there, browser.count, browser.cards.length], [0, COUNT, 0]);
    const shards = new Set<number>();
    const isThere = (index: number) => shards.has(Math.floor(index / SHARD));
    const all = Array.from({ length: COUNT }, (_, index) => index);
    const names = ["cat", "dog", "10"];
    const check = () => {
      const { target: explained, label, which, search, sort, descending, cards, found, page, pages } = browser;
      const wanted = all.filter((index) => {
        const right = labelOf(index) < 0 || targetOf(index) < 0 ? null : labelOf(index) === targetOf(index);
        return (
          isThere(index) &&
          (explained < 0 || targetOf(index) === explained) &&
          (label < 0 || labelOf(index) === label) &&
          { all: true, right: right === true, wrong: right === false, failed: failed(index) }[which] &&
          (/^#\d+$/.test(search) ? index === Number(search.slice(1)) : idOf(index).toLowerCase().includes(search))
        );
      });
      const key = (index: number): number =>
        failed(index) && sort !== "number"
          ? Number.NaN
          : {
              number: index,
              output: outputOf(index),
              total: totalOf(index),
              conservation:
                outputOf(index) === 0
                  ? Number.NaN
                  : Math.abs(totalOf(index) - outputOf(index)) / Math.abs(outputOf(index)),
            }[sort];
      const sign = descending ? -1 : 1;
      wanted.sort((a, b) => {
        const [first, second] = [key(a), key(b)];
        if (Number.isNaN(first) || Number.isNaN(second))
          return Number(Number.isNaN(first)) - Number(Number.isNaN(second)) || a - b;
        return sign * (first - second) || a - b;
      });
      assert.equal(found, wanted.length);
      assert.equal(pages, Math.max(1, Math.ceil(found / SAMPLES_A_PAGE)));
      assert.equal(browser.pageWords, `page ${page + 1} of ${pages}`);
      assert.match(browser.words, new RegExp(`^${found === 0 ? "No samples" : `${found} samples?`}( |$)`));
      const shown = wanted.slice(page * SAMPLES_A_PAGE, (page + 1) * SAMPLES_A_PAGE);
      assert.deepEqual(
        cards.map(({ index }) => index),
        shown,
      );
      assert.deepEqual(
        [browser.there, browser.failed],
        [all.filter(isThere).length, all.filter((index) => isThere(index) && failed(index)).length],
      );
      const maps = browser.maps === null ? null : new Float32Array((browser.maps.data as Float32Array).buffer);
      for (const [place, card] of cards.entries()) {
        const { index } = card;
        assert.deepEqual(
          [card.id, card.output, card.total],
          [idOf(index), failed(index) ? null : outputOf(index), failed(index) ? null : totalOf(index)],
        );
        assert.equal(card.target, names[targetOf(index)] ?? "");
        assert.equal(card.label, names[labelOf(index)] ?? "");
        if (failed(index)) assert.match(card.error, /is no picture/);
        else {
          // The first place: both channels of it.
          assert.equal(
            maps![place * 12]!,
            Math.fround(Math.fround(relevanceOf(index, 0)) + Math.fround(relevanceOf(index, 1))),
          );
          if (labelOf(index) >= 0) assert.equal(card.right, targetOf(index) === labelOf(index));
        }
      }
    };
    const filters: fc.Arbitrary<Filter> = fc.record(
      {
        target: fc.constantFrom(-1, -1, 0, 2),
        label: fc.constantFrom(-1, -1, 1),
        which: fc.constantFrom<RelevanceBrowserState["which"]>("all", "all", "right", "wrong", "failed"),
        search: fc.constantFrom("", "", "foto c", "#17", "9.png", "nothing"),
        sort: fc.constantFrom<RelevanceBrowserState["sort"]>("number", "output", "total", "conservation"),
        descending: fc.boolean(),
        page: fc.nat(5),
      },
      { requiredKeys: [] },
    );
    // Shards come in any order, and a filter is chosen after each.
    const order = [3, 0, 7, 1, 6, 2, 5, 4];
    const sequence = fc.sample(filters, { seed: 7, numRuns: 24 });
    for (const [step, filter] of sequence.entries()) {
      const shard = order[step >> 1];
      if (step % 2 === 0 && shard !== undefined) {
        await store.write(shard, valuesOf(shard));
        shards.add(shard);
        await browser.refresh();
        check();
      }
      browser.set(filter);
      await browser.settled();
      check();
    }
    assert.deepEqual(
      browser.targets.map(({ name, count }) => [name, count]),
      [0, 1, 2]
        .map((one) => [names[one], all.filter((index) => targetOf(index) === one).length])
        .sort((a, b) => (a[0] === "10" ? -1 : b[0] === "10" ? 1 : 0)),
    );
    assert.throws(() => browser.set({ sort: "name" as never }), TraitError);
    browser.close();
  });
}

test("what had failed is shown once it is mended; the open sample has its map, its numbers and its layers", async () => {
  const path = join(scratch, "mended.zarr");
  const store = await RunStore.open(path, prepared("top1"));
  for (let shard = 0; shard < 8; shard++) await store.write(shard, valuesOf(shard));
  const browser = new RelevanceBrowser(await openRelevanceStore(path), { selected: 5, which: "failed" });
  await browser.settled();
  assert.equal(browser.growing, false);
  assert.deepEqual([browser.failed, browser.cards[0]!.index], [6, 5]);
  browser.selected = 5;
  await browser.settled();
  assert.deepEqual([browser.error, browser.relevance], ["is no picture (5)", null]);
  await store.write(0, valuesOf(0, true));
  await browser.refresh();
  assert.deepEqual([browser.failed, browser.cards[0]!.index], [5, 16]);
  browser.set({ which: "all", selected: 7 });
  await browser.settled();
  const { opened, relevance, image } = browser;
  assert.deepEqual(opened!.layers, [
    { name: "top", sum: outputOf(7) },
    { name: "input", sum: totalOf(7) },
  ]);
  assert.deepEqual((relevance as { shape: readonly number[] }).shape, [4, 3]);
  assert.equal(image, null);
  assert.equal(browser.error, "");
  assert.match(
    String(browser),
    /^RelevanceBrowser: Explanations in mended\.zarr LRP, net, rows\nAll 61 samples are there, 5 failed\n/,
  );
  const picture = browser.staticPicture()!.svg;
  for (const words of ["All 61 samples are there, 5 failed", "Foto d/3.png", "page 1 of 6", "top"])
    assert.ok(picture.includes(words), words);
  browser.selected = 999;
  await browser.settled();
  assert.match(browser.error, /Sample 999 is not there/);
  browser.close();
});

test("a store that is not there is told, and read once it is; what is damaged keeps the page", async () => {
  const path = join(scratch, "late.zarr");
  const browser = new RelevanceBrowser(path, { every: 0 });
  await browser.settled();
  assert.match(browser.failure, /late\.zarr is no store of explanations: it is not there/);
  assert.equal(browser.running, false);
  const store = await RunStore.open(path, prepared("top1"));
  await store.write(0, valuesOf(0));
  await browser.refresh();
  assert.deepEqual([browser.failure, browser.there], ["", 8]);
  const before = browser.cards;
  rmSync(join(path, "relevance", "zarr.json"));
  browser.set({ sort: "output" });
  await browser.settled();
  assert.notEqual(browser.failure, "");
  assert.deepEqual(browser.cards, before);
  browser.close();
});
