/** Reports of notebooks that are run, on real kernels: parameters, errors, limits, and what must not get into the file. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, watch, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  CellError,
  CellTimeoutError,
  KernelError,
  NotebookFileError,
  ReportParameterError,
} from "../../src/reports/errors.js";
import type { ReportManifest } from "../../src/reports/format.js";
import { givenParameter } from "../../src/reports/parameters.js";
import { readReport } from "../../src/reports/read-report.js";
import { makeReport, type ReportSettings } from "../../src/reports/report.js";
import { long } from "../every.js";
import { scratchFolder } from "../helpers/scratch.js";
import { until } from "../helpers/until.js";

const LIMPID = fileURLToPath(new URL("../../../scripts/limpid.mjs", import.meta.url));
const folder = scratchFolder("reports");

interface Cell {
  source: string;
  tags?: string[];
  id?: string;
}

/** Writes a notebook of code cells; returns its path. */
function notebook(name: string, cells: (string | Cell)[], metadata: Record<string, unknown> = {}): string {
  const file = join(folder, `${name}.ipynb`);
  const written = cells.map((cell, at) => {
    const { source, tags = [], id = `step-${"abcdefghij"[at]}` } = typeof cell === "string" ? { source: cell } : cell;
    return { cell_type: "code", id, metadata: { tags }, source, execution_count: null, outputs: [] };
  });
  writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells: written }));
  return file;
}

async function report(file: string, settings: ReportSettings = {}) {
  const made = await makeReport(file, settings);
  const html = readFileSync(made.file, "utf8");
  const manifest = JSON.parse(/id="limpid-manifest">(.*?)<\/script>/s.exec(html)![1]!) as ReportManifest;
  /** The page as a reader sees it: without the data, tags and folded code. */
  const text = html
    .replace(/<(script|style)[\s\S]*?<\/\1>|<details class="code">[\s\S]*?<\/details>/g, "")
    .replace(/<[^>]*>/g, "")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&gt;", ">");
  return { ...made, html, manifest, text };
}

const given = (...words: string[]) => words.map(givenParameter);

describe("a notebook that is run for its report", () => {
  test("gets its parameters, keeps its secrets, shows what it displays as it stands at the end, and is the same each time", async () => {
    const file = notebook("whole", [
      {
        source:
          'let gamma: number = 0.25;\nconst photo = "cat";\nlet layers: readonly string[] = [];\nconst half = gamma / 2;\nconst doubled = () => 2 * gamma;',
        tags: ["parameters"],
        id: "settings",
      },
      "console.log(JSON.stringify([gamma, photo, layers, half, doubled()]));",
      'console.log(process.cwd(), JSON.stringify(process.env));\nconsole.error(process.env["LIMPID_REPORT_TEST"]);',
      'import { clearOutput, display, FloatSlider } from "limpid";\nconst slider = new FloatSlider({ value: 3, description: "γ" });\nconsole.log("gone");\nclearOutput();\nconst shown = display("before");\nshown.update("after");\nprocess.stdout.write("1 of 2\\r2 of 2\\n");\nsetTimeout(() => console.log("late"), 300);\nslider',
    ]);
    const canary = "canary-7f3a9";
    process.env["REPORT_TEST_TOKEN"] = canary;
    process.env["LIMPID_REPORT_TEST"] = "kept";
    try {
      const parameters = given("gamma=0.5", "photo=5", 'layers=["a", "b"]');
      const { file: made, html, manifest, text, warnings } = await report(file, { parameters });
      // A number for a text is taken for the text that it is; the function sees what was assigned, the constant does not.
      assert.match(text, /\[0\.5,"5",\["a","b"\],0\.125,1\]/);
      assert.deepEqual(manifest.parameters, [
        ["gamma", 0.5],
        ["photo", "5"],
        ["layers", ["a", "b"]],
      ]);
      assert.deepEqual(
        manifest.cells.map(({ name }) => name),
        ["cell 1 (settings)", "cell 2 (injected-parameters)", "cell 3 (step-b)", "cell 4 (step-c)", "cell 5 (step-d)"],
      );
      assert.ok(
        warnings.some((warning) => warning.startsWith('cell 1 (settings) uses "gamma" itself')),
        warnings.join("\n"),
      );

      assert.ok(!html.includes(canary), "a secret of the environment is in the report");
      const read = await readReport(made);
      for (const { id } of manifest.blobs) {
        const blob = Buffer.from(await read.blob(id)).toString("latin1");
        assert.ok(!blob.includes(canary) && !blob.includes(folder), `a secret is in the part ${id} of the report`);
      }
      assert.ok(!html.includes(folder) && !html.includes(basename(folder)), "the author's folder is in the report");
      if (homedir().length > 1)
        assert.ok(!new RegExp(`${homedir()}(?![\\w-])`).test(text), "the author's home is in the report");
      assert.match(text, /kept/);

      assert.doesNotMatch(text, /gone|before|1 of 2/);
      assert.match(text, /after[\s\S]*2 of 2[\s\S]*late/);
      assert.deepEqual(manifest.cells[4]!.outputs, ["display", "stdout", "widget", "stdout"]);
      const { model, cell } = manifest.views[0]!;
      assert.equal(cell, 4);
      const state = manifest.models.find(({ id }) => id === model)!;
      assert.deepEqual([state.name, state.state["value"], state.state["description"]], ["FloatSliderModel", 3, "γ"]);

      const again = await report(file, { parameters });
      const withoutTimes = (page: string) => page.replace(/<script type="application\/ld\+json"[\s\S]*?<\/script>/, "");
      const [one, two] = [withoutTimes(html), withoutTimes(again.html)];
      const at = one.split("").findIndex((character, place) => character !== two[place]);
      assert.ok(
        one === two,
        `the same notebook gave ${one.slice(at - 300, at + 80)}\nthen ${two.slice(at - 80, at + 80)}`,
      );
    } finally {
      delete process.env["REPORT_TEST_TOKEN"];
      delete process.env["LIMPID_REPORT_TEST"];
    }
  });

  test("refuses parameters that it does not have, or of another type, by the cell's name", async () => {
    const declared = {
      source: 'let seed: number = 1;\nlet mode: "a" | "b" = "a";',
      tags: ["parameters"],
      id: "settings",
    };
    const file = notebook("typed", [declared, 'throw new Error("it went on")']);
    await assert.rejects(report(file, { parameters: given("sed=2") }), (error) => {
      assert.ok(error instanceof ReportParameterError);
      assert.match(
        error.message,
        /There is no parameter "sed" in cell 1 \(settings\).*seed, mode.*Did you mean "?seed/,
      );
      return true;
    });
    await assert.rejects(report(file, { parameters: given("seed=two") }), (error) => {
      assert.ok(error instanceof ReportParameterError);
      assert.equal(error.parameter, "seed");
      assert.match(
        error.message,
        /"seed" of cell 1 \(settings\) cannot be two: Type 'string' is not assignable to type 'number'/,
      );
      return true;
    });
    await assert.rejects(report(file, { parameters: given("seed=1e999") }), /larger than numbers are/);
    await assert.rejects(report(file, { parameters: given("seed=1", "seed=2") }), /given twice/);
    await assert.rejects(report(file, { parameters: given("seed=1"), execute: false }), /Leave out one of both/);
    await assert.rejects(report(notebook("untagged", ["1"]), { parameters: given("seed=1") }), /tagged "parameters"/);
    assert.throws(() => givenParameter("seed"), ReportParameterError);
    assert.equal(existsSync(file.replace(".ipynb", ".html")), false);
  });

  test("stops at a cell that throws, names it, and leaves the old file; or goes on where that is allowed", async () => {
    const file = notebook("failing", [
      'console.log("one");',
      { source: 'const f = () => {\n  throw new RangeError("far too much");\n};\nf();', id: "broken" },
      'console.log("three");',
      { source: "for (;;) {}", id: "endless" },
      "await new Promise(() => {});",
      'console.log("six");',
    ]);
    const html = file.replace(".ipynb", ".html");
    writeFileSync(html, "the old report");
    await assert.rejects(report(file), (error) => {
      assert.ok(error instanceof CellError && !(error instanceof CellTimeoutError));
      assert.equal(error.cell, "cell 2 (broken)");
      assert.match(
        error.message,
        /cell 2 \(broken\) failed:\n\nRangeError: far too much\n[\s\S]*> 2 {3}throw new RangeError/,
      );
      assert.ok(!error.message.includes("\u001b"), "colors are for terminals and pages");
      return true;
    });
    assert.equal(readFileSync(html, "utf8"), "the old report");

    const { text, manifest } = await report(file, { allowErrors: true, cellTimeout: 1 });
    assert.match(text, /one[\s\S]*RangeError: far too much[\s\S]*three[\s\S]*Interrupt[\s\S]*Interrupt[\s\S]*six/);
    assert.deepEqual(
      manifest.cells.map(({ outputs }) => outputs.join()),
      ["stdout", "error", "stdout", "error", "error", "stdout"],
    );
  });

  test("names a cell that takes too long, or ends the kernel, and notebooks that it cannot run", async () => {
    const late = notebook("late", [
      { source: "await new Promise((resolve) => setTimeout(resolve, 60_000));", id: "sleeper" },
    ]);
    const start = performance.now();
    await assert.rejects(report(late, { cellTimeout: 1 }), (error) => {
      assert.ok(error instanceof CellTimeoutError);
      assert.match(error.message, /^cell 1 \(sleeper\) took longer than 1 s \(--cell-timeout\)/);
      return true;
    });
    assert.ok(performance.now() - start < 30_000);
    const gone = notebook("gone", ["1", { source: "process.kill(process.pid, 'SIGKILL');", id: "suicide" }]);
    await assert.rejects(
      report(gone),
      (error) => error instanceof KernelError && /^cell 2 \(suicide\): The kernel ended by SIGKILL/.test(error.message),
    );
    const python = notebook("python", ["print(1)"], { kernelspec: { name: "python3", language: "python" } });
    await assert.rejects(
      report(python),
      (error) => error instanceof NotebookFileError && /written in python/.test(error.message),
    );
    assert.match((await report(python, { execute: false })).text, /nothing was run/);
    const broken = join(folder, "broken.ipynb");
    for (const [text, reason] of [
      ["{", /is no JSON/],
      ["[]", /holds no object/],
      ['{"nbformat": 3, "worksheets": []}', /has nbformat 3; open and save it in JupyterLab/],
      ['{"nbformat": 4}', /no list of cells/],
      ['{"nbformat": 4, "cells": [{"cell_type": "heading"}]}', /cell 1 of an unknown type, "heading"/],
    ] as const) {
      writeFileSync(broken, text);
      await assert.rejects(report(broken), (error) => error instanceof NotebookFileError && reason.test(error.message));
    }
    await assert.rejects(report(join(folder, "nowhere.ipynb")), /is not there/);
  });
});

/** Runs `limpid report …` and gives the running process, what it says, and its end. */
function launched(...words: string[]) {
  const child = spawn(process.execPath, [LIMPID, "report", ...words], { stdio: ["ignore", "pipe", "pipe"] });
  const said = { text: "" };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk) => (said.text += chunk));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.on("exit", (code, signal) => resolve({ code, signal })),
  );
  return { child, said, ended };
}

test("a largest size is the file's own: widgets fall until it fits, or it is said that it cannot", long, async () => {
  const file = notebook("sized", ['import { FloatSlider } from "limpid";\nnew FloatSlider({ value: 3 })']);
  const live = await report(file);
  assert.equal(live.manifest.views[0]!.level, "live");
  const fits = await report(file, { levels: { maxSize: live.bytes + 5000 } });
  assert.equal(fits.manifest.views[0]!.level, "live", "times differ in their digits");
  const less = await report(file, { levels: { maxSize: live.bytes - 5000 } });
  assert.equal(less.manifest.views[0]!.level, "frozen");
  assert.match(less.warnings.join(), /more than --max-size/);
  assert.ok(less.bytes < live.bytes - 5000 && less.manifest.program === undefined);
  const controller = new AbortController();
  const stopped = report(file, {
    signal: controller.signal,
    onProgress: ({ doing }) => {
      // What comes behind the run asks, too.
      if (doing.startsWith("writing")) controller.abort(new Error("Ctrl-C"));
    },
  });
  await assert.rejects(stopped, { name: "AbortedError" });
});

describe("limpid report", () => {
  test("ends at Ctrl-C with its kernel, by the code that shells know, and writes nothing", async () => {
    const file = notebook("stopped", [
      `await import("node:fs").then(({ writeFileSync }) => writeFileSync("pid", String(process.pid)));\nfor (;;) {}`,
    ]);
    const { child, said, ended } = launched(file);
    const written = join(folder, "pid");
    await until(() => existsSync(written) && readFileSync(written, "utf8") !== "", "the kernel runs the cell");
    const pid = Number(readFileSync(written, "utf8"));
    child.kill("SIGINT");
    assert.deepEqual(await ended, { code: 130, signal: null }, said.text);
    assert.match(said.text, /report: 0 of 1 cells done, cell 1/);
    assert.match(said.text, /The run was aborted after 0 of 1/);
    assert.throws(() => process.kill(pid, 0), /ESRCH/);
    assert.equal(existsSync(file.replace(".ipynb", ".html")), false);
  });

  test("killed while it writes leaves the old file whole", async () => {
    const big = { output_type: "display_data", metadata: {}, data: { "image/png": "A".repeat(15_000_000) } };
    const cell = { cell_type: "code", metadata: {}, source: "1", execution_count: 1, outputs: [big, big, big, big] };
    const file = join(folder, "killed.ipynb");
    writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }));
    const html = file.replace(".ipynb", ".html");
    writeFileSync(html, "the old report");
    const { child, ended } = launched(file, "--no-execute");
    const watcher = watch(folder, (_, name) => {
      if (name?.endsWith(".part")) child.kill("SIGKILL");
    });
    assert.deepEqual(await ended, { code: null, signal: "SIGKILL" });
    watcher.close();
    assert.equal(readFileSync(html, "utf8"), "the old report");
  });

  test("says in one line what is wrong, and in one what it made", async () => {
    const wrong = launched(join(folder, "nowhere.ipynb"));
    assert.equal((await wrong.ended).code, 1);
    assert.match(wrong.said.text, /^limpid: .*nowhere\.ipynb is not there\n$/);
    const asked = launched(notebook("fine", ["1"]), "--cell-timeout", "soon");
    assert.equal((await asked.ended).code, 2);
    const fine = launched(notebook("fine", ["1"]), "--no-execute", "-o", join(folder, "other.html"));
    assert.equal((await fine.ended).code, 0);
    assert.match(fine.said.text, /other\.html: 0\.\d\d MB, 1 cells?/);
  });
});
