/** Limpid's helpers in the kernel that tslab itself brings. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../../src/kernel/package-root.js";
import { startKernel, typeOf } from "../helpers/kernel.js";

const program = join(dirname(createRequire(import.meta.url).resolve("tslab/package.json")), "bin", "tslab");

test("in tslab's own kernel widgets are pictures, values show as here, and one line says how widgets come alive", async () => {
  const kernel = await startKernel({ program, args: (file) => ["kernel", `--config-path=${file}`] });
  try {
    mkdirSync(join(kernel.folder, "node_modules"));
    symlinkSync(packageRoot, join(kernel.folder, "node_modules", "limpid"), "junction");
    const { published, stdout, stderr } = await kernel.execute(
      'import { display, plot, table } from "limpid"; display(plot([1, 2, 3])); display(table([{ a: 1 }])); 0',
    );
    assert.equal(stderr, "");
    assert.match(
      stdout,
      /^Widgets are pictures in this kernel\. For live ones run `npx limpid install --user`.*\n0\n$/,
    );
    const [widget, rows] = published.filter((m) => typeOf(m) === "display_data").map((m) => m.content);
    assert.match(JSON.stringify(rows!["data"]), /text\/html/);
    const isDrawn = (m: (typeof published)[number]) =>
      typeOf(m) === "update_display_data" && Object.hasOwn(m.content["data"] as object, "image/png");
    const drawn = await kernel.until(() => kernel.received.iopub.find(isDrawn), "the picture", 60_000);
    assert.deepEqual(drawn.content["transient"], widget!["transient"]);
    const again = await kernel.execute("display(plot([3, 2])); 0");
    assert.equal(again.stdout, "0\n");
  } finally {
    await kernel.stop();
  }
});
