/** What stands for Node.js in a page: the same names, the same results. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inflateSync, crc32 as nodeCrc32 } from "node:zlib";
import fc from "fast-check";
import { AsyncLocalStorage } from "../../src/page/platform/async-context.js";
import { crc32, deflateSync } from "../../src/page/platform/compression.js";
import { embed, NotInReportError } from "../../src/page/platform/embedded.js";
import * as files from "../../src/page/platform/files.js";
import { ROOT } from "../browser/server.js";

const text = (words: string) => ({ text: Buffer.from(words).toString("base64"), encoding: "base64" as const });
embed([
  { key: "limpid:models/mnist-cnn/model.json", kind: "file", about: {}, content: text("{}") },
  { key: "photos", kind: "folder", about: {}, content: text('[{"name":"cat.png","isFolder":false}]') },
  { key: 'photos/cat.png {"gray":true}', kind: "picture", about: { width: 2 }, content: text("ab") },
  { key: "large.bin", kind: "file", about: {}, reason: "it is larger than --max-size" },
]);

test("each file of the page's platform stands for one of Node's, with at least its names", async () => {
  const { browser } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    browser: Record<string, string>;
  };
  const halves = Object.entries(browser);
  assert.ok(halves.length >= 7);
  for (const [node, page] of halves) {
    const source = (path: string) =>
      readFileSync(join(ROOT, path.replace(/^\.\/build\//, "").replace(/js$/, "ts")), "utf8");
    const names = (code: string) =>
      [...code.matchAll(/export (?:async )?(?:function|const|class) (\w+)|export (?:const )?\{ ([^}]*) \}/g)].flatMap(
        ([, one, many]) => one ?? many!.split(",").map((name) => name.trim()),
      );
    const [wanted, given] = [names(source(node)), names(source(page))];
    assert.deepEqual(
      wanted.filter((name) => !given.includes(name)),
      [],
      page,
    );
  }
});

test("PNG's checksum and compression are those of zlib", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      assert.equal(crc32(bytes), nodeCrc32(bytes));
      assert.deepEqual(new Uint8Array(inflateSync(deflateSync(bytes, { level: 6 }))), bytes);
    }),
    { numRuns: 200 },
  );
});

test("files go by the keys that the recorder gave them, and what is missing says why", async () => {
  assert.equal(files.packageFile("models", "mnist-cnn"), "limpid:models/mnist-cnn");
  assert.equal(await files.kindOf(files.packageFile("models", "mnist-cnn")), "folder");
  assert.equal(await files.readText("limpid:models/mnist-cnn/model.json"), "{}");
  assert.equal(await files.kindOf("./photos"), "folder");
  assert.equal(await files.kindOf("photos/cat.png"), "file");
  assert.deepEqual(await files.listFolder("/notebook/photos"), [{ name: "cat.png", isFolder: false }]);
  await assert.rejects(files.readFile("large.bin"), { name: "NotInReportError", message: /larger than --max-size/ });
  await assert.rejects(files.readFile("/home/ada/x.csv"), NotInReportError);
  await assert.rejects(files.fetchFile("https://example.org/a.json"), /asks the network for nothing/);
  await files.writeFile("made.csv", new TextEncoder().encode("a,b"));
  assert.equal(await files.readText("/notebook/made.csv"), "a,b");
  assert.equal(await files.kindOf("made.csv"), "file");
});

test("what a call starts keeps its value until the call has ended", async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const work = storage.run("inside", async () => {
    seen.push(storage.getStore());
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push(storage.getStore());
  });
  await work;
  await Promise.resolve();
  seen.push(
    storage.getStore(),
    storage.run("now", () => storage.getStore()),
    storage.getStore(),
  );
  assert.throws(
    () =>
      storage.run("broken", () => {
        throw new Error("x");
      }),
    /x/,
  );
  seen.push(storage.getStore());
  assert.deepEqual(seen, ["inside", "inside", undefined, "now", undefined, undefined]);
});
