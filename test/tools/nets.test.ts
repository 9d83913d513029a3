import assert from "node:assert/strict";
import { test } from "node:test";
import { randomNets } from "../../tools/figures/nets/command.js";
import { EVERY } from "../every.js";

// `npm run figures -- nets` checks 2,000 of these.
test("outputs, gradients, conservation, completeness and batches of random nets", { timeout: 400_000 }, async () => {
  const { failures } = await randomNets(EVERY ? 60 : 20, { seed: 7 });
  assert.equal(failures.map(({ seed, what, text }) => `net ${seed}: ${what}\n${text}`).join("\n\n"), "");
});

test("a net for which something does not hold is printed as what builds it, as small as it gets", async () => {
  const { failures } = await randomNets(3, {
    seed: 3,
    holds: async (_, { steps }) => {
      if (steps.length > 0) throw new Error(`it has a ${steps[0]!.step}`);
      return [];
    },
  });
  assert.ok(failures.length > 0);
  for (const { what, text } of failures) {
    assert.match(what, /^Error: it has a \w+/);
    const lines = text.split("\n");
    assert.match(lines[0]!, /^const x0 = tf\.input\(\{ shape: \[[\d, ]+\](, dtype: "int32")? \}\);$/);
    assert.ok(lines.some((line) => /^const model = tf\.model\(\{ inputs: \[x0\], outputs: \[x\d+\] \}\);$/.test(line)));
    // Embedding or masking, one step, its end and the logits are all that is left.
    assert.ok(lines.filter((line) => /^const x\d+ = (tf\.layers|new )/.test(line)).length <= 6, text);
  }
});
