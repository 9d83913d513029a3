// npm test [-- NAME …]: sets up what is missing, then runs every test (or the files whose path contains a NAME).
// npm run test:every [-- NAME …]: also what takes minutes, and all of what is many and alike.
// npm run test:unit: those that need no browser, no kernel and no long work.
// The last line says "N passed, N failed".
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { pathToFileURL } from "node:url";
import { testBrowser } from "./setup/browser.mjs";
import { ROOT } from "./setup/paths.mjs";
import { SetupError } from "./setup/process.mjs";
import { setUp, steps, stepsOfUnits } from "./setup/steps.mjs";

process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
// What tests run is no input of whoever runs them.
process.env.LIMPID_HISTORY ??= "off";

const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
// The pictures of the widgets are taken again.
if (process.argv.includes("--update")) process.env.LIMPID_UPDATE_SNAPSHOTS = "1";
// All of what is many and alike, and what takes minutes: test/every.ts.
if (process.argv.includes("--every") || process.argv.includes("--update")) process.env.LIMPID_EVERY = "1";
const unit = process.argv.includes("--unit");
const built = join(ROOT, "build", "test");

/** What measures times, or makes anew what other tests run from: one file at a time. Of the others three go together. */
const ALONE = [
  "browser/draw-digit",
  "browser/first-light",
  "install/",
  "kernel/interrupt",
  "kernel/many-widgets",
  "kernel/protocol",
  "kernel/speed",
];

/** What takes longest is begun first: at the end one lane would wait for it. */
const FIRST = ["kernel/notebooks", "browser/snapshots"];

/** Most files that are run a second time: when more fail, it is not for the company that they had. */
const SECOND_TRIES = 8;

/** Rooms whose tests start JupyterLab, kernels or processes: they wait more than they compute, and are begun first. */
const WAITING = ["browser/", "kernel/", "install/", "page/"];

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
  "runs/queue",
  "runs/run",
];

/** What `--unit` leaves out: rooms that start browsers, kernels or processes, and tests of whole models that take long. */
const NOT_UNITS = [...WAITING, "cli/", "project/", "tools/", ...LONG];

function testFiles() {
  const all = readdirSync(built, { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".test.js"))
    .filter((name) => !unit || !NOT_UNITS.some((left) => name.startsWith(left)))
    .sort()
    .map((name) => join(built, name));
  return names.length === 0 ? all : all.filter((file) => names.some((name) => relative(built, file).includes(name)));
}

/** What a run says at its end in sum: here each file is a run. */
const SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

async function* withoutSummary(events) {
  for await (const event of events) {
    if (event.type !== "test:diagnostic" || !SUMMARY.test(event.data.message)) yield event;
  }
}

/** Rooms of small files: to start a process and TensorFlow takes longer than most of them. */
const SMALL = ["comms", "explainers", "kernel-helpers"];
const AT_ONCE = 10;
/** What is the whole process's: a file that changes it, or loads for long, has a process to itself. */
const OF_PROCESS =
  /\b(setBackend|registerBackend|setCompiler|chdir|provideHost)\(|process\.(env|on|stdout|stderr)\b|console\.\w+ = |front-end\.js"|^(const .* = )?await |describe\(.*async/m;

/** The same files, those together that can share a process. */
function shared(files) {
  const isSmall = (file) =>
    SMALL.includes(relative(built, file).replaceAll("\\", "/").split("/")[0]) &&
    !LONG.some((name) => relative(built, file).replaceAll("\\", "/") === `${name}.test.js`) &&
    !OF_PROCESS.test(readFileSync(file, "utf8"));
  const small = files.filter(isSmall);
  const groups = [];
  while (small.length > 0) groups.push(small.splice(0, AT_ONCE));
  return [...files.filter((file) => !isSmall(file)).map((file) => [file]), ...groups];
}

/** A module that runs several files as suites; it is removed at the end. */
function suiteOf(files) {
  const folder = mkdtempSync(join(tmpdir(), "limpid-tests-"));
  const suites = files.map((file) => {
    const [name, address] = [relative(built, file), pathToFileURL(file).href].map((text) => JSON.stringify(text));
    return `describe(${name}, async () => {\n  await import(${address});\n});\n`;
  });
  const entry = join(folder, "suite.mjs");
  writeFileSync(entry, `import { describe } from "node:test";\n${suites.join("")}`);
  return { entry, remove: () => rmSync(folder, { recursive: true }) };
}

/** Runs files in one process, reports them (while they run where they run alone, else after), and counts each one's tests: suites and a file's wrapper are none. */
async function runFiles(files, live) {
  const suite = files.length > 1 ? suiteOf(files) : undefined;
  const stream = run({ files: [suite?.entry ?? files[0]], concurrency: 1 });
  const counts = new Map(files.map((file) => [file, { passed: 0, failed: 0, failures: [] }]));
  // What fails as a whole, as a process that ends does, is each file's failure.
  const of = (event) => (files.length === 1 ? [files[0]] : counts.has(event.file) ? [event.file] : files);
  stream.on("test:pass", (event) => {
    if (event.details?.type === "suite" || event.skip !== undefined) return;
    for (const file of of(event)) counts.get(file).passed++;
  });
  stream.on("test:fail", (event) => {
    // A suite fails because a test in it did, which was counted; a hook's failure is the suite's own.
    if (event.details?.type === "suite" && event.details.error?.failureType === "subtestsFailed") return;
    for (const file of of(event)) {
      const own = counts.get(file);
      own.failed++;
      own.failures.push(`${event.file ? relative(built, file) : ""}: ${event.name}`);
    }
  });
  const begin = Date.now();
  let text = "";
  for await (const part of stream.compose(withoutSummary).compose(new spec())) {
    if (live) process.stdout.write(part);
    else text += part;
  }
  suite?.remove();
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  const lines = [...counts].map(
    ([file, { passed, failed }]) => `${relative(built, file)}: ${passed} passed, ${failed} failed`,
  );
  console.log(`${text}${lines.join("\n")} in ${seconds} s\n`);
  return counts;
}

/** JupyterLab for the tests of the room `browser`: one for all files, and a new one after it ended before its time. */
function sharedLab() {
  const folder = mkdtempSync(join(tmpdir(), "limpid-test-lab-"));
  const file = join(folder, "address.json");
  const module = pathToFileURL(join(built, "browser", "server.js")).href;
  let starting;
  return {
    /** Resolves when the next file can use it; without it, the file starts its own and says what is wrong with that. */
    async ready() {
      const { startServer } = await import(module);
      for (;;) {
        starting ??= startServer().catch(() => undefined);
        const current = starting;
        const server = await current;
        if (server?.isAlive()) {
          writeFileSync(file, JSON.stringify(server.address));
          process.env.LIMPID_TEST_LAB = file;
          return;
        }
        if (server === undefined) {
          delete process.env.LIMPID_TEST_LAB;
          return;
        }
        // The other lane may have begun a new one already.
        if (starting === current)
          starting = server
            .close()
            .then(() => startServer())
            .catch(() => undefined);
      }
    },
    /** Ends what a file has left running that did not come to its end. */
    async tidy(file) {
      const { endKernels } = await import(module);
      const server = await starting;
      if (server?.isAlive()) await endKernels(server.address, basename(file, ".test.js")).catch(() => {});
    },
    async close() {
      await (await starting)?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
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
  const isIn = (file, places) => places.some((place) => relative(built, file).replaceAll("\\", "/").startsWith(place));
  const usesLab = (file) => isIn(file, ["browser/"]) && !isIn(file, ["browser/start"]);
  /** What came of each file. */
  const ended = new Map();
  if (files.some((file) => isIn(file, ["browser/"]))) await prepareBrowser();
  const lab = sharedLab();
  /** Takes files off the list until none is left. */
  const lane = async (list, live) => {
    for (let files = list.shift(); files !== undefined; files = list.shift()) {
      if (usesLab(files[0])) await lab.ready();
      for (const [file, counted] of await runFiles(files, live)) ended.set(file, counted);
      if (usesLab(files[0])) await lab.tidy(files[0]);
    }
  };
  try {
    const together = files.filter((file) => !isIn(file, ALONE));
    const waiting = together.filter((file) => isIn(file, WAITING)).map((file) => [file]);
    waiting.sort(([a], [b]) => Number(isIn(b, FIRST)) - Number(isIn(a, FIRST)));
    const others = shared(together.filter((file) => !isIn(file, WAITING)));
    // Two that wait beside one that computes, as long as there are both: two processors are busy then.
    await Promise.all(
      [
        [waiting, others],
        [others, waiting],
        [waiting, others],
      ].map(async ([first, then]) => {
        await lane(first, together.length === 1);
        await lane(then, false);
      }),
    );
    await lane(
      files.filter((file) => isIn(file, ALONE)).map((file) => [file]),
      true,
    );
    // Beside two others a browser can be too slow for a test, and a machine that is shared for one that measures: what
    // failed has a second try by itself, and is named for it.
    const again = files.filter((file) => ended.get(file).failed > 0);
    if (files.length > 1 && again.length <= SECOND_TRIES) {
      const first = new Map(again.map((file) => [file, ended.get(file)]));
      if (again.length > 0)
        console.log(`Again, by themselves: ${again.map((file) => relative(built, file)).join(", ")}\n`);
      await lane(
        again.map((file) => [file]),
        true,
      );
      for (const file of again.filter((file) => ended.get(file).failed === 0)) {
        for (const failure of first.get(file).failures) console.log(`failed at first: ${failure}`);
      }
    }
  } finally {
    await lab.close();
  }
  const all = [...ended.values()];
  const passed = all.reduce((sum, one) => sum + one.passed, 0);
  const failed = all.reduce((sum, one) => sum + one.failed, 0);
  for (const failure of all.flatMap(({ failures }) => failures)) console.log(`failed: ${failure}`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
  console.log(`${passed} passed, ${failed} failed`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}
