import assert from "node:assert/strict";
import { test } from "node:test";
import { followed } from "../../src/cli/progress.js";

test("a long run says on a terminal how far it is and what is left, and wipes its line; a short one says nothing", async (context) => {
  let now = 0;
  let said = "";
  context.mock.method(performance, "now", () => now);
  context.mock.method(process.stderr, "write", (text: string) => {
    said += text;
    return true;
  });
  const { isTTY } = process.stderr;
  process.stderr.isTTY = true;
  try {
    const steps = (milliseconds: number) =>
      followed("RISE", async ({ onProgress }) => {
        for (let done = 100; done <= 400; done += 100) {
          now += milliseconds;
          onProgress!({ done, total: 400 });
        }
        return "map";
      });
    assert.equal(await steps(100), "map");
    assert.equal(said, "");
    await steps(1500);
    assert.match(said, /RISE: 50% \(200 of 400\), about 3 s left/);
    assert.ok(said.endsWith("\r\x1b[K"));
    // Where lines cannot overwrite each other, one in ten seconds is enough.
    process.stderr.isTTY = false;
    said = "";
    await steps(3000);
    assert.deepEqual(said.split("\n"), ["RISE: 25% (100 of 400)", ""]);
  } finally {
    process.stderr.isTTY = isTTY;
  }
});
