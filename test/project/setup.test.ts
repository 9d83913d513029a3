import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { scratchFolder } from "../helpers/scratch.js";

const compiler = pathToFileURL(join(import.meta.dirname, "..", "..", "..", "scripts", "setup", "compile.mjs")).href;

/** What the step that compiles says of a folder, or after it ran there. */
function step(folder: string, then: "missing" | "run"): string | undefined {
  const code = `import { compiled } from ${JSON.stringify(compiler)};
    const step = compiled(${JSON.stringify(folder)});
    if (${then === "run"}) await step.run(() => {});
    console.log(JSON.stringify(step.missing() ?? null));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return (JSON.parse(stdout) as string | null) ?? undefined;
}

test("what was compiled from a file that moved is never run: the build is stale, and compiling removes it", async () => {
  const folder = scratchFolder("setup");
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };
  const built = (...files: string[]) => files.map((file) => existsSync(join(folder, "build", file)));
  const compilerOptions = { target: "ES2022", module: "NodeNext", declaration: true, sourceMap: true, types: [] };
  const places = { rootDir: ".", outDir: "build", incremental: true, tsBuildInfoFile: "build/.tsbuildinfo" };
  const include = ["src", "test"];
  await write("tsconfig.json", JSON.stringify({ compilerOptions: { ...compilerOptions, ...places }, include }));
  await write("package.json", '{ "type": "module" }');
  await write("src/sum.ts", "export const sum = (a: number, b: number) => a + b;\n");
  await write("src/declared.d.ts", "declare const declared: number;\n");
  await write("test/old/sum.test.ts", 'import { sum } from "../../src/sum.js";\nsum(1, 2);\n');
  assert.equal(step(folder, "missing"), "build/ is not there");
  assert.equal(step(folder, "run"), undefined);
  await write("build/notes.txt", "not the compiler's");
  const old = ["test/old/sum.test.js", "test/old/sum.test.d.ts", "test/old/sum.test.js.map"];
  assert.deepEqual(built(...old), [true, true, true]);

  await mkdir(join(folder, "test", "new"));
  await rename(join(folder, "test/old/sum.test.ts"), join(folder, "test/new/sum.test.ts"));
  assert.match(step(folder, "missing")!, /^the source of build\/test.old.sum\.test\..* is gone, and of 2 more$/);
  assert.equal(step(folder, "run"), undefined);
  assert.deepEqual(built(...old), [false, false, false]);
  assert.deepEqual(built("test/new/sum.test.js", "src/sum.js", "notes.txt"), [true, true, true]);

  await write("src/sum.ts", "export const sum = (a: number, b: number) => b + a;\n");
  assert.equal(step(folder, "missing"), "sources changed since they were compiled");
});
