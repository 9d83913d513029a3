/** `limpid/comms` alone in a browser: the example of its page, bundled, without anything of Node.js, ZeroMQ or TensorFlow.js. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { ROOT, startBrowser } from "./lab.js";

test("the example of docs/comms.md runs in a page, from a bundle that holds comms and little else", async () => {
  const page = await readFile(join(ROOT, "docs", "comms.md"), "utf8");
  const code = /```ts\n([\s\S]*?)```/.exec(page)?.[1];
  const stated = /`told` is then `(.*)`/.exec(page)?.[1];
  assert.ok(code && stated);
  const { outputFiles, metafile } = await build({
    stdin: { contents: `${code}\nwindow.told = told;`, resolveDir: ROOT, loader: "js" },
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "esm",
  });
  const foreign = Object.keys(metafile.inputs).filter((file) => !/^build\/src\/comms\/|^<stdin>$/.test(file));
  assert.deepEqual(foreign, []);
  const source = outputFiles[0]!.text;
  assert.ok(source.length < 60_000, `${source.length} characters`);
  const browser = await startBrowser();
  try {
    const tab = await browser.newPage();
    const errors: unknown[] = [];
    tab.on("pageerror", (error) => errors.push(error));
    await tab.setContent("<!doctype html><title>comms</title>");
    await tab.addScriptTag({ content: source, type: "module" });
    const told = await tab.waitForFunction(() => (window as { told?: unknown }).told);
    assert.deepEqual(await told.jsonValue(), JSON.parse(stated));
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
  }
});
