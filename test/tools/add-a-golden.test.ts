import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { writeSafetensors } from "../../src/explainers/numerics/safetensors.js";
import { goldens } from "../../tools/goldens/main.js";
import { printed } from "../helpers/printed.js";
import { scratchFolder } from "../helpers/scratch.js";

/** One layer, whose gradients are known without software: ∂y₁/∂x is the second column of its kernel. */
const kernel = [0.5, -1, 2, 0.25, -0.75, 1.5];
const input = [1, -2, 3];
const gradient = [-1, 0.25, 1.5];

const index = {
  format: "golden-1",
  models: {
    dense: {
      file: "dense.safetensors",
      inputShape: [3],
      input: "input",
      output: "output",
      layers: [{ name: "fc", op: "dense", inputs: ["input"], kernel: "fc/kernel", bias: "fc/bias", units: 2 }],
    },
  },
  cases: [
    {
      name: "dense/saliency",
      model: "dense",
      peer: "captum",
      version: "0.9.0",
      method: "Saliency",
      params: { abs: false },
      tensors: { attribution: "gradient" },
      tolerance: { rel_to_max: 1e-6 },
      target: [1],
    },
  ],
};

test("a golden is added as CONTRIBUTING.md says, and a changed number fails it by name", async () => {
  const folder = scratchFolder("golden");
  const store = (values: number[]) => {
    const tensor = (shape: number[], numbers: number[]) => ({ shape, values: Float32Array.from(numbers) });
    const output = [0, 1].map((unit) => input.reduce((sum, x, i) => sum + x * kernel[2 * i + unit]!, 0.5 - unit));
    const tensors = new Map([
      ["fc/kernel", tensor([3, 2], kernel)],
      ["fc/bias", tensor([2], [0.5, -0.5])],
      ["input", tensor([1, 3], input)],
      ["output", tensor([1, 2], output)],
      ["gradient", tensor([1, 3], values)],
    ]);
    return writeFile(join(folder, "dense.safetensors"), writeSafetensors(tensors));
  };
  await writeFile(join(folder, "index.json"), JSON.stringify(index));
  await store(gradient);
  assert.deepEqual(await printed(() => goldens(folder)), { code: 0, lines: ["1 passed, 0 failed, 0 skipped"] });
  await store([-1, 0.25, 1.501]);
  const { code, lines } = await printed(() => goldens(folder));
  assert.equal(code, 1);
  assert.match(lines[0]!, /^dense\/saliency: attribution is off by/);
  assert.equal(lines[1], "0 passed, 1 failed, 0 skipped");
});
