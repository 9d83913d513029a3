import assert from "node:assert/strict";
import { before } from "node:test";
import { startBackend } from "../../../src/kernel-helpers/index.js";
import { checkVjps } from "./differences.js";

before(async () => {
  process.env["LIMPID_BACKEND"] = "wasm";
  assert.equal((await startBackend()).name, "wasm");
});

checkVjps();
