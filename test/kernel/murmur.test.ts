import assert from "node:assert/strict";
import { test } from "node:test";
import { murmur2 } from "../../src/kernel/debugger/murmur.js";

test("cells have the hashes that ipykernel and JupyterLab give them", () => {
  // By `ipykernel.compiler.murmur2_x86` 7.4.0, for every length of the rest that is not a whole word.
  const hashes = {
    "": 3990065800,
    a: 2167009006,
    ab: 2805137849,
    abc: 3350977461,
    "1 + 1": 2359671083,
    "κόσμε 🦜": 371648810,
  };
  for (const [text, hash] of Object.entries(hashes)) assert.equal(murmur2(text, 0xc70f6907), hash, text);
});
