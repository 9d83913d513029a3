/** npm itself, with a registry of our own beside it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type Client, plain, startKernel } from "../helpers/kernel.js";
import { tarOf } from "../helpers/tar.js";

const tarball = gzipSync(
  tarOf({
    "package/package.json": JSON.stringify({
      name: "late-one",
      version: "1.2.3",
      type: "module",
      exports: "./index.js",
    }),
    "package/index.js": "export const late = 5;\n",
  }),
);
const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;

let kernel: Client;
let registry: string;
const server = createServer((request, response) => {
  if (request.url === "/late-one/-/late-one-1.2.3.tgz") response.end(tarball);
  else if (request.url === "/late-one") {
    const dist = { tarball: `${registry}late-one/-/late-one-1.2.3.tgz`, integrity };
    const version = { name: "late-one", version: "1.2.3", dist };
    response.end(
      JSON.stringify({ name: "late-one", "dist-tags": { latest: "1.2.3" }, versions: { "1.2.3": version } }),
    );
  } else if (request.url === "/never") {
    // It never answers.
  } else response.writeHead(404).end("{}");
});

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  kernel = await startKernel();
  await kernel.evaluate(
    `process.env.npm_config_registry = "${registry}"; process.env.npm_config_fetch_retries = "0"; import { install } from "limpid";`,
  );
});
after(async () => {
  await kernel.stop();
  server.closeAllConnections();
  server.close();
});

test("a missing package is named with the cell that installs it, and is there after that", async () => {
  const { reply } = await kernel.execute('import { late } from "late-one"; late');
  assert.match(plain(reply), /await install\("late-one"\)/);
  assert.equal(await kernel.evaluate('await install("late-one")'), "[ 'late-one@1.2.3' ]");
  assert.ok(existsSync(join(kernel.folder, "node_modules", "late-one", "index.js")));
  assert.equal(await kernel.evaluate('import { late } from "late-one"; late'), "5");
});

test("what npm cannot install is said with its reason, and what is no name never reaches it", async () => {
  const { reply } = await kernel.execute('await install("not-there-at-all")');
  assert.equal(reply["ename"], "InstallError");
  assert.match(
    String(reply["evalue"]),
    /^not-there-at-all cannot be installed: npm's registry has no package of that name/,
  );
  for (const name of ["--global", "a b", "a;touch x", "../x", "$(touch x)", "", "x@latest && touch x"]) {
    const refused = await kernel.execute(`await install(${JSON.stringify(name)})`);
    assert.equal(refused.reply["ename"], "ParameterError", name);
  }
  assert.equal(existsSync(join(kernel.folder, "x")), false);
});

test("it ends when its signal or an interrupt does", async () => {
  const { reply } = await kernel.execute('await install("never", { signal: AbortSignal.timeout(500) })');
  assert.equal(reply["ename"], "TimeoutError");
  const id = await kernel.executeRequest("console.log('on'); await install('never')");
  await kernel.until(() => kernel.published(id).find((m) => m.content["name"] === "stdout"), "the cell");
  await kernel.request("interrupt_request", {}, "control");
  assert.equal((await kernel.executed(id)).reply["ename"], "InterruptError");
});
