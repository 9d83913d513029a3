import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";
import { newest, runProgram } from "./process.mjs";

const sources = ["src", "test", "tools", "tsconfig.json", "package-lock.json"];

/**
 * The files that the compiler once wrote into build/ and whose source is gone since, as paths from there.
 * The compiler leaves them: a test that was moved would run twice, and an import of what was removed would succeed.
 */
function orphans(root) {
  return readdirSync(join(root, "build"), { recursive: true }).filter((file) => {
    const source = file.replace(/(\.d\.ts|\.js|\.js\.map)$/, ".ts");
    // Bundles are made by other steps.
    return source !== file && !/^bundle[\\/]/.test(file) && !existsSync(join(root, source));
  });
}

/**
 * The compiled sources in build/ of the folder `root`.
 *
 * @public The tests compile a folder of their own.
 */
export function compiled(root) {
  const info = join(root, "build", ".tsbuildinfo");
  return {
    name: "compiled sources",
    missing() {
      if (!existsSync(info)) return "build/ is not there";
      if (newest(sources.map((name) => join(root, name))) > statSync(info).mtimeMs) {
        return "sources changed since they were compiled";
      }
      const [first, ...others] = orphans(root);
      if (first === undefined) return undefined;
      return `the source of build/${first} is gone${others.length > 0 ? `, and of ${others.length} more` : ""}`;
    },
    async run(progress) {
      mkdirSync(join(root, "build"), { recursive: true });
      for (const file of orphans(root)) rmSync(join(root, "build", file));
      progress("tsc");
      const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
      await runProgram(process.execPath, [tsc, "-p", root], { onLine: progress });
      utimesSync(info, new Date(), new Date());
    },
  };
}

export const compile = compiled(ROOT);

/** Compiles what changed since it was compiled, for commands that are compiled TypeScript; says so on stderr. */
export async function compileChanges() {
  const reason = compile.missing();
  if (reason === undefined) return;
  console.error(`Compiling: ${reason}.`);
  await compile.run(() => {});
}
