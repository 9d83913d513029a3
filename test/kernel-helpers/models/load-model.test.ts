import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel } from "../../../src/kernel-helpers/index.js";

test("what is neither a name, a path nor a function is refused by what it is", async () => {
  for (const [value, found] of [
    [null, "null"],
    [undefined, "undefined"],
    [5, "5"],
    [{}, "a Object"],
  ] as const) {
    await assert.rejects(loadModel(value as never), (error: Error & { parameter?: string; value?: unknown }) => {
      assert.equal(error.name, "ParameterError");
      assert.deepEqual([error.parameter, error.value], ["model", value]);
      assert.ok(
        error.message.startsWith("model must be the name of a built-in one (efficientnet-lite0, "),
        error.message,
      );
      assert.ok(error.message.endsWith(`or a function of tensors, but is ${found}.`), error.message);
      return true;
    });
  }
});
