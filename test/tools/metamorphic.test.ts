import assert from "node:assert/strict";
import { test } from "node:test";
import { methods } from "../../src/explainers/index.js";
import { metamorphic } from "../../tools/figures/metamorphic.js";
import { EVERY } from "../every.js";

// `npm run figures -- metamorphic` runs 2,000 of these.
test("no explanation depends on what was explained before", async () => {
  assert.deepEqual(await metamorphic(Math.ceil(methods.length / (EVERY ? 1 : 2)), { seed: 1 }), []);
});
