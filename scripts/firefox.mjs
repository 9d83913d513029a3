// npm run test:firefox: makes reports of notebooks, and opens them in a Firefox that is there, without a window and without the net.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { compileChanges } from "./setup/compile.mjs";
import { ROOT } from "./setup/paths.mjs";
import { runProgram, SetupError } from "./setup/process.mjs";
import { setUp, steps } from "./setup/steps.mjs";

const NOTEBOOKS = ["00-first-light", "01b-draw-a-digit"];

/** The Firefox of this machine; Debian's is called firefox-esr. */
function firefox() {
  const named = process.env.LIMPID_FIREFOX;
  const found = [named, "firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"].find(
    (program) => program && spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0,
  );
  if (found === undefined || (named && found !== named)) {
    const what = named ? `LIMPID_FIREFOX names ${named}, which is no Firefox that starts.` : "No Firefox was found.";
    throw new SetupError(
      what,
      "Install one (on Debian: apt install firefox-esr), or name it: LIMPID_FIREFOX=/path/to/firefox",
    );
  }
  return found;
}

const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
let folder;
try {
  const program = firefox();
  await setUp(console.log, steps);
  await compileChanges();
  folder = mkdtempSync(join(tmpdir(), "limpid-firefox-"));
  const given = names.filter((name) => existsSync(name));
  const reports = given.map((file) => ({ name: basename(file, ".html"), file }));
  for (const name of given.length > 0 ? [] : NOTEBOOKS) {
    const file = join(folder, `${name}.html`);
    console.log(`Making the report of ${name}`);
    await runProgram(process.execPath, [
      join(ROOT, "scripts", "limpid.mjs"),
      "report",
      join(ROOT, "notebooks", `${name}.ipynb`),
      "--out",
      file,
    ]);
    reports.push({ name, file });
  }
  const test = join(ROOT, "build", "test", "firefox", "reports.js");
  const env = { ...process.env, LIMPID_FIREFOX: program, LIMPID_REPORTS: JSON.stringify(reports) };
  // Node 20 has its websocket behind this; later ones take it as it is.
  const options = ["--experimental-websocket", "--test", "--test-reporter=spec", test];
  const [code] = await once(spawn(process.execPath, options, { stdio: "inherit", env }), "exit");
  process.exitCode = code ?? 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
} finally {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
