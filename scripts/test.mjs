// npm test [-- NAME …]: sets up what is missing, then runs every test (or the files whose path contains a NAME).
// npm run test:unit: those that need no browser, no kernel and no long work.
// The last line says "N passed, N failed".
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { testBrowser } from "./setup/browser.mjs";
import { ROOT } from "./setup/paths.mjs";
import { SetupError } from "./setup/process.mjs";
import { setUp, steps, stepsOfUnits } from "./setup/steps.mjs";

process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";

const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
// The pictures of the widgets are taken again.
if (process.argv.includes("--update")) process.env.LIMPID_UPDATE_SNAPSHOTS = "1";
const unit = process.argv.includes("--unit");
const built = join(ROOT, "build", "test");

/** Rooms whose tests start JupyterLab, kernels, make the package anew or time things: one file at a time. The others go two by two. */
const ALONE = ["browser", "install", "kernel", "notebooks"];

/** Tests of whole models and backends, of which each takes ten seconds of a processor or more. */
const LONG = [
  "explainers/methods/lrp/efficientnet",
  "explainers/methods/lrp/planted-word",
  "explainers/network/vjp-wasm",
  "explainers/shattering/table",
  "explainers/synthesis/efficientnet",
  "explainers/synthesis/mnist",
  "kernel-helpers/models/keras2",
  "kernel-helpers/models/keras3",
  "kernel-helpers/models/third-party",
  "kernel-helpers/tensorflow/backend",
  "kernel-helpers/tensorflow/graph-compiler",
];

/** What `--unit` leaves out: rooms that start browsers, kernels or processes, and tests of whole models that take long. */
const NOT_UNITS = [...ALONE, "cli", "project", "tools", ...LONG];

function testFiles() {
  const all = readdirSync(built, { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".test.js"))
    .filter((name) => !unit || !NOT_UNITS.some((left) => name === `${left}.test.js` || name.startsWith(`${left}/`)))
    .sort()
    .map((name) => join(built, name));
  return names.length === 0 ? all : all.filter((file) => names.some((name) => relative(built, file).includes(name)));
}

/** Runs the files, reports them as they go, and counts the tests in them: suites and the file wrappers are not tests. */
async function runFiles(files, concurrency, failures) {
  const count = { passed: 0, failed: 0 };
  if (files.length === 0) return count;
  const stream = run({ files, concurrency });
  stream.on("test:pass", (event) => {
    if (event.details?.type !== "suite" && event.skip === undefined) count.passed++;
  });
  stream.on("test:fail", (event) => {
    // A suite fails because a test in it did, which was counted; a hook's failure is the suite's own.
    if (event.details?.type === "suite" && event.details.error?.failureType === "subtestsFailed") return;
    count.failed++;
    failures.push(`${event.file ? relative(built, event.file) : ""}: ${event.name}`);
  });
  for await (const text of stream.compose(new spec())) process.stdout.write(text);
  return count;
}

/** Finds the browser, or unpacks it, before any test waits for it; without one, the tests that need it fail and say why. */
async function prepareBrowser() {
  try {
    process.env.LIMPID_CHROMIUM = await testBrowser(console.log);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}\n`);
  }
}

try {
  await setUp(console.log, unit ? stepsOfUnits : steps);
  const files = testFiles();
  if (files.length === 0) throw new SetupError(`No test file matches ${names.join(" ")}.`);
  const alone = files.filter((file) => ALONE.includes(relative(built, file).split(/[\\/]/)[0]));
  const failures = [];
  if (alone.some((file) => relative(built, file).startsWith("browser"))) await prepareBrowser();
  const first = await runFiles(
    files.filter((file) => !alone.includes(file)),
    2,
    failures,
  );
  const second = await runFiles(alone, 1, failures);
  const passed = first.passed + second.passed;
  const failed = first.failed + second.failed;
  for (const failure of failures) console.log(`failed: ${failure}`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
  console.log(`${passed} passed, ${failed} failed`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}
