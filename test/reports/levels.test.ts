/** Which widgets of a report compute in its page, and what the others say of why they do not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { levelWords } from "../../src/reports/level-words.js";
import { levelOf, MODEL_LIMIT, reasonAgainstLive } from "../../src/reports/levels.js";

const code = { code: "00" };
const cost = fc.record({ read: fc.nat(2 * MODEL_LIMIT), size: fc.nat(2 * MODEL_LIMIT) });
const level = fc.constantFrom(undefined, "live" as const, "precomputed" as const, "frozen" as const);
const size = fc.option(fc.nat(2 * MODEL_LIMIT), { nil: undefined });

test("widgets compute where nothing speaks against it: neither a wish nor a size", () => {
  fc.assert(
    fc.property(cost, level, size, ({ read, size }, asked, maxSize) => {
      const against = reasonAgainstLive(
        { ...(asked && { level: asked }), ...(maxSize !== undefined && { maxSize }) },
        { read, size },
      );
      const fits = maxSize === undefined || size <= maxSize;
      const small = asked === "live" || read <= MODEL_LIMIT;
      assert.equal(against === undefined, (asked === undefined || asked === "live") && fits && small);
      assert.equal(levelOf({ replay: code, against }).level, against === undefined ? "live" : "frozen");
      assert.equal(
        levelOf({ replay: code, against, states: "21 states" }).level,
        against === undefined ? "live" : "precomputed",
      );
    }),
  );
});

test("the reason names what is in the way, with numbers", () => {
  const large = reasonAgainstLive({}, { read: 54e6, size: 70e6 });
  assert.equal(
    large,
    "what its cells read has 54\u202fMB, and a page computes with 30\u202fMB unless it is made with --live",
  );
  assert.match(reasonAgainstLive({ maxSize: 10e6 }, { read: 1e6, size: 34e6 })!, /34\u202fMB, more than --max-size 10/);
  assert.match(reasonAgainstLive({ level: "frozen" }, { read: 0, size: 0 })!, /--frozen/);
  const cell = levelOf({ replay: { reason: 'it imports "node:os"' } });
  assert.deepEqual(cell, {
    level: "frozen",
    reason: 'a picture of when the report was made, because its cell cannot run in a page: it imports "node:os"',
  });
  assert.match(
    levelOf({ replay: { reason: "it failed" }, states: "21 states" }).reason!,
    /^21 states; no more, because its cell/,
  );
});

test("a badge says what is so now: stored until it computes, and what its kernel left when that has ended", () => {
  const live = { level: "live" as const };
  assert.deepEqual(
    (["stored", "live", "ended"] as const).map((state) => levelWords(live, state).name),
    ["Not live yet", "Live", "Frozen"],
  );
  assert.deepEqual(levelWords(live, "failed", "its cell failed"), {
    name: "Not live",
    words: "a picture of when the report was made: its cell failed",
  });
  assert.deepEqual(levelWords({ level: "frozen", reason: "a picture" }, "stored"), {
    name: "Frozen",
    words: "a picture",
  });
});
