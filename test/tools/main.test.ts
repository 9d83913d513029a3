import assert from "node:assert/strict";
import { test } from "node:test";
import { tools } from "./tools.js";

test("what cannot be done is said in one line, with exit code 1; what is asked wrongly has exit code 2", async () => {
  for (const [words, code, message] of [
    [["bench", "nothing"], 1, /^limpid: There is no benchmark "nothing"; there are .*\n$/],
    [["bench"], 2, /^error: missing required argument 'name'\n$/],
    [["frobnicate"], 2, /^error: unknown command 'frobnicate'\n$/],
  ] as const) {
    const result = await tools(...words);
    assert.equal(result.code, code);
    assert.match(result.stderr, message);
    assert.equal(result.stdout, "");
  }
});
