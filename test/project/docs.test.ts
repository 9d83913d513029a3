import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { methodsPage } from "../../tools/docs/methods-page.js";

test("docs/methods.md says what the registry says (npm run docs)", () => {
  const page = readFileSync(new URL("../../../docs/methods.md", import.meta.url), "utf8");
  assert.equal(page, methodsPage());
});
