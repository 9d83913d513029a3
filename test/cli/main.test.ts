import assert from "node:assert/strict";
import { test } from "node:test";
import { limpid } from "./limpid.js";

test("models lists the built-in model: input, output, classes, weights", async () => {
  const { code, stdout } = await limpid("models");
  assert.equal(code, 0);
  assert.match(stdout, /efficientnet-lite0 +224 × 224 × 3 +logits +1000 named +4,694,024/);
  const { stdout: json } = await limpid("models", "efficientnet-lite0", "--json");
  assert.deepEqual(JSON.parse(json), {
    name: "efficientnet-lite0",
    input: [224, 224, 3],
    output: "logits",
    classes: 1000,
    weights: 4694024,
  });
});

test("what cannot be done is said in one line, with exit code 1; what is asked wrongly has exit code 2", async () => {
  for (const [words, code, message] of [
    [
      ["models", "resnet"],
      1,
      /^limpid: There is no model "resnet"; built in: efficientnet-lite0, mnist-cnn, mnist-mlp, mnist-decoder, planted-objects, planted-scenes, planted-watermark, planted-repaired, char-lstm, char-gru, ecg-beats, eeg-finger-movements, eeg-self-regulation, motion-shoulder-exercises, movie-svm, movie-cnn, movie-lstm, fmri-objects, histology-nuclei, histology-clear-cases\n$/,
    ],
    [["frobnicate"], 2, /^error: unknown command 'frobnicate'\n$/],
    [["docter"], 2, /^error: unknown command 'docter'\n\(Did you mean doctor\?\)\n$/],
    [["explain", "chelsea.png", "--metod", "lrp"], 2, /unknown option '--metod'\n\(Did you mean --method\?\)\n$/],
  ] as const) {
    const result = await limpid(...words);
    assert.equal(result.code, code);
    assert.match(result.stderr, message);
    assert.equal(result.stdout, "");
  }
});

test("help names every command, and is no error", async () => {
  const { code, stdout } = await limpid("--help");
  assert.equal(code, 0);
  for (const command of ["models", "explain", "lab", "setup", "doctor"]) assert.ok(stdout.includes(command), command);
});

test("--version says the package's", async () => {
  const { code, stdout } = await limpid("--version");
  assert.deepEqual([code, stdout], [0, "0.1.0\n"]);
});
