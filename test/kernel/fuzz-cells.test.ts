/**
 * Random programs, cut into cells at random, compute what one module of the same statements does. `LIMPID_PROGRAMS=2000 npm test --
 * fuzz-cells` tries more, `LIMPID_SEED` begins elsewhere.
 */
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import ts from "#typescript";
import { type Client, plain, startKernel } from "../helpers/kernel.js";
import { cells, random, statements } from "./programs/grammar.js";

const PROGRAMS = Number(process.env["LIMPID_PROGRAMS"] ?? 12);
const FIRST = Number(process.env["LIMPID_SEED"] ?? 1);
/** So many programs follow each other in a kernel, each over the names of those before. */
const A_KERNEL = 100;

/** What the statements put out as a module of their own, or the name of what it throws. */
async function asModule(all: readonly string[], file: string): Promise<string> {
  const { outputText } = ts.transpileModule(all.join("\n"), {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  writeFileSync(file, `${outputText}\nexport { out };`);
  const { out } = (await import(pathToFileURL(file).href)) as { out: unknown };
  return JSON.stringify(out);
}

async function asCells(kernel: Client, all: readonly string[], seed: number): Promise<string> {
  for (const cell of cells(all, random(seed + 1e6))) {
    const { reply } = await kernel.execute(cell);
    assert.equal(reply["status"], "ok", `seed ${seed}\n${cell}\n${plain(reply)}`);
  }
  const { stdout } = await kernel.execute("process.stdout.write(JSON.stringify(out))");
  return stdout;
}

test(`${PROGRAMS} random programs give the same in cells as in a module`, { timeout: 60 * 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "limpid-programs-"));
  let kernel: Client | undefined;
  try {
    for (let i = 0; i < PROGRAMS; i++) {
      if (i % A_KERNEL === 0) {
        await kernel?.stop();
        kernel = await startKernel();
      }
      const seed = FIRST + i;
      const all = statements(random(seed), 14);
      const expected = await asModule(all, join(folder, `${seed}.mjs`));
      assert.equal(await asCells(kernel!, all, seed), expected, `seed ${seed}\n${all.join("\n")}`);
    }
  } finally {
    await kernel?.stop();
  }
});
