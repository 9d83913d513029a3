// npm run wheel [-- FOLDER [TARBALL]]: writes limpid-VERSION-py3-none-any.whl into FOLDER (default: dist), after packing Limpid
// where no TARBALL that `npm pack` just made is given.
// A wheel is a zip archive with a list of its files; nothing is compiled for Python, so Python is not needed here.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { zipSync } from "fflate";
import { kernelJson, SPEC } from "./setup/kernelspec.mjs";
import { lockOf } from "./setup/lock.mjs";
import { npm, ROOT, SHARE } from "./setup/paths.mjs";
import { runProgram, SetupError } from "./setup/process.mjs";

const { version, description, license } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const info = `limpid-${version}.dist-info`;
const data = `limpid-${version}.data/data/share/jupyter`;

/** Files below a folder, by paths with slashes. */
function below(folder, under) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(
    files.map((name) => [`${under}/${name.replaceAll("\\", "/")}`, readFileSync(join(folder, name))]),
  );
}

const metadata = `Metadata-Version: 2.4
Name: limpid
Version: ${version}
Summary: ${description}
License-Expression: ${license}
License-File: LICENSE
License-File: THIRD_PARTY.md
Requires-Python: >=3.10
Requires-Dist: jupyterlab_widgets<4,>=3
Description-Content-Type: text/markdown

${readFileSync(join(ROOT, "README.md"), "utf8")}`;

/** The files of the wheel, made of the packed Limpid. */
function contents(tarball) {
  const { manifest, lock } = lockOf(tarball);
  const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
  const mark = { packageManager: "python", packageName: "limpid", uninstallInstructions: "pip uninstall limpid" };
  const python = below(join(ROOT, "scripts", "wheel", "limpid"), "limpid");
  return {
    ...Object.fromEntries(Object.entries(python).filter(([name]) => name.endsWith(".py"))),
    [`limpid/npm/limpid-${version}.tgz`]: readFileSync(tarball),
    "limpid/npm/package.json": json(manifest),
    "limpid/npm/package-lock.json": json(lock),
    ...below(SPEC, `${data}/kernels/limpid`),
    [`${data}/kernels/limpid/kernel.json`]: kernelJson(["python", "-m", "limpid", "kernel"]),
    ...below(join(SHARE, "labextensions", "limpid"), `${data}/labextensions/limpid`),
    [`${data}/labextensions/limpid/install.json`]: json(mark),
    [`${info}/licenses/LICENSE`]: readFileSync(join(ROOT, "LICENSE")),
    [`${info}/licenses/THIRD_PARTY.md`]: readFileSync(join(ROOT, "THIRD_PARTY.md")),
    [`${info}/METADATA`]: metadata,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: limpid\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/entry_points.txt`]: "[console_scripts]\nlimpid = limpid.__main__:main\n",
  };
}

/** RECORD: every file with its hash and size, itself with none. */
function record(files) {
  const lines = Object.entries(files).map(
    ([name, bytes]) => `${name},sha256=${createHash("sha256").update(bytes).digest("base64url")},${bytes.length}`,
  );
  return `${lines.join("\n")}\n${info}/RECORD,,\n`;
}

const folder = resolve(process.argv[2] ?? join(ROOT, "dist"));
const scratch = mkdtempSync(join(tmpdir(), "limpid-wheel-"));
try {
  mkdirSync(folder, { recursive: true });
  const packed = process.argv[3] ?? join(scratch, `limpid-${version}.tgz`);
  if (process.argv[3] === undefined) await runProgram(npm, ["pack", "--pack-destination", scratch]);
  const files = Object.fromEntries(
    Object.entries(contents(resolve(packed))).map(([name, text]) => [name, Buffer.from(text)]),
  );
  files[`${info}/RECORD`] = Buffer.from(record(files));
  const wheel = zipSync(files, { level: 6, mtime: new Date("1980-01-01T00:00:00") });
  const file = join(folder, `limpid-${version}-py3-none-any.whl`);
  writeFileSync(file, wheel);
  console.log(`${file}: ${(wheel.length / 1e6).toFixed(1)} MB`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
