import { spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { CACHE, ROOT } from "./paths.mjs";
import { runProgram, SetupError, tryProgram } from "./process.mjs";

/** Names of Chromium, Chrome and Edge on a PATH. */
const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "microsoft-edge-stable",
  "microsoft-edge",
];

/**
 * Where Chromium, Chrome and Edge are usually installed, best first.
 *
 * @param {{ platform?: string, env?: Record<string, string | undefined>, root?: string, home?: string }} machine `root` stands before every
 *   path, which lets a test look at a file system of its own.
 */
export function usualPlaces({ platform = process.platform, env = process.env, root = "", home = homedir() } = {}) {
  const below = (folders, names) => folders.flatMap((folder) => names.map((name) => join(root, folder, name)));
  if (platform === "darwin") {
    return below(
      ["/Applications", join(home, "Applications")],
      ["Google Chrome", "Chromium", "Microsoft Edge"].map((name) => `${name}.app/Contents/MacOS/${name}`),
    );
  }
  if (platform === "win32") {
    const folders = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA].filter(Boolean);
    return below(folders, [
      join("Google", "Chrome", "Application", "chrome.exe"),
      join("Chromium", "Application", "chrome.exe"),
      join("Microsoft", "Edge", "Application", "msedge.exe"),
    ]);
  }
  const folders = [...(env.PATH ?? "").split(":").filter(Boolean), "/usr/local/bin", "/usr/bin", "/snap/bin"];
  return [
    ...below([...new Set(folders)], NAMES),
    ...below(["/opt"], ["google/chrome/chrome", "chromium/chrome", "microsoft/msedge/msedge"]),
  ];
}

/** The first of the usual places with a browser that says its version: some distributions put a notice in its place. */
export function installedBrowser(machine = {}) {
  const { platform = process.platform } = machine;
  return usualPlaces(machine).find((path) => {
    if (!isProgram(path)) return false;
    // On Windows asking for the version opens a window.
    return platform === "win32" || /\d+\.\d+/.test(tryProgram(path, ["--version"]) ?? "");
  });
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser that comes by npm, for Linux on x64: its archives, and where they are unpacked. */
const archives = join(ROOT, "node_modules", "@sparticuz", "chromium", "bin");
const folder = join(CACHE, "browser");
const launcher = join(folder, "run");

/** Whether the browser that comes by npm is there and this machine can run it. */
const hasOwnBrowser = () => process.platform === "linux" && process.arch === "x64" && existsSync(archives);

/**
 * The browser of the tests: what `LIMPID_CHROMIUM` names, else an installed one, else the one that comes by npm, unpacked at the first call.
 *
 * @throws SetupError that says what to install.
 */
export async function testBrowser(log = () => {}, machine = {}) {
  const { env = process.env } = machine;
  if (env.LIMPID_CHROMIUM) {
    if (isProgram(env.LIMPID_CHROMIUM)) return env.LIMPID_CHROMIUM;
    throw new SetupError(`LIMPID_CHROMIUM names ${env.LIMPID_CHROMIUM}, which is no program.`, "Correct or unset it");
  }
  const installed = installedBrowser(machine);
  if (installed !== undefined) return installed;
  if (!hasOwnBrowser()) {
    throw new SetupError(
      `The tests of the widgets need a browser, and no Chromium, Chrome or Edge was found; the one that comes by npm runs on Linux on x64, not on ${process.platform} on ${process.arch}.`,
      process.platform === "linux"
        ? "Install Chromium (Debian: apt-get install chromium), or set LIMPID_CHROMIUM to a browser"
        : "Install Google Chrome, or set LIMPID_CHROMIUM to a browser",
    );
  }
  if (!existsSync(launcher)) unpack(log);
  await completeLibraries(log);
  return launcher;
}

/** Where the tests' browser is, in a few words; undefined where there is none. */
export function browserInWords() {
  return (
    process.env.LIMPID_CHROMIUM || (installedBrowser() ?? (hasOwnBrowser() ? "the one that comes by npm" : undefined))
  );
}

/** Unpacks the browser with the libraries and fonts that come with it, and writes the program that starts it with these. */
function unpack(log) {
  log("No Chromium, Chrome or Edge was found: unpacking the browser that comes by npm (190 MB)");
  const fresh = `${folder}-${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const file of readdirSync(archives).filter((name) => name.endsWith(".br"))) {
    const name = basename(file, ".br");
    const bytes = brotliDecompressSync(readFileSync(join(archives, file)));
    if (!name.endsWith(".tar")) {
      writeFileSync(join(fresh, name), bytes, { mode: 0o755 });
      continue;
    }
    const { status, stderr } = spawnSync("tar", ["-x", "-C", fresh], { input: bytes });
    if (status !== 0) throw new SetupError(`${file} could not be unpacked by tar: ${stderr}`);
  }
  const start = `#!/bin/sh
# Chromium with the libraries and fonts that came with it.
here="$(dirname "$0")"
export LD_LIBRARY_PATH="$here/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
`;
  writeFileSync(join(fresh, basename(launcher)), start, { mode: 0o755 });
  // The archive's own file looks where its authors' machines have fonts.
  writeFileSync(
    join(fresh, "fonts.conf"),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(folder, "fonts")}</dir>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
</fontconfig>
`,
  );
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

/** Debian's packages of the libraries that Chromium links to. */
const PACKAGES = {
  "libgcc_s.so.1": "libgcc-s1",
  "libexpat.so.1": "libexpat1",
  "libnspr4.so": "libnspr4",
  "libplc4.so": "libnspr4",
  "libplds4.so": "libnspr4",
  "libnss3.so": "libnss3",
  "libnssutil3.so": "libnss3",
};

/** The libraries that `ldd` did not find. */
export function missingLibraries(ldd) {
  return Array.from(ldd.matchAll(/^\s*(\S+) => not found/gm), ([, name]) => name);
}

/** The command that installs libraries on Debian and its kin. */
export function installCommand(libraries) {
  const packages = [...new Set(libraries.map((name) => PACKAGES[name] ?? name.replace(/\.so.*$/, "")))];
  return ["apt-get", "install", "-y", "--no-install-recommends", ...packages];
}

/** Installs the system's libraries that the browser lacks where this may be done, else says how to. */
async function completeLibraries(log) {
  const env = { ...process.env, LD_LIBRARY_PATH: join(folder, "lib") };
  const missing = () => missingLibraries(tryProgram("ldd", [join(folder, "chromium")], { env }) ?? "");
  const lacking = missing();
  if (lacking.length === 0) return;
  const [program, ...args] = installCommand(lacking);
  const advice = `Run as root: ${[program, ...args].join(" ")}`;
  if (process.getuid() !== 0 || !existsSync("/etc/debian_version")) {
    throw new SetupError(`The browser that comes by npm lacks ${lacking.join(", ")}.`, advice);
  }
  log(`The browser that comes by npm lacks ${lacking.join(", ")}: ${[program, ...args].join(" ")}`);
  await runProgram(program, ["update", "-qq"]);
  await runProgram(program, args, { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  const rest = missing();
  if (rest.length > 0) throw new SetupError(`The browser that comes by npm still lacks ${rest.join(", ")}.`, advice);
}
