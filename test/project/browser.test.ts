import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, test } from "node:test";
import { scratchFolder } from "../helpers/scratch.js";

interface Machine {
  platform?: string;
  env?: Record<string, string>;
  root?: string;
  home?: string;
}
const file = new URL("../../../scripts/setup/browser.mjs", import.meta.url).href;
const { installCommand, installedBrowser, missingLibraries, testBrowser, usualPlaces } = (await import(file)) as {
  installCommand(libraries: readonly string[]): string[];
  installedBrowser(machine: Machine): string | undefined;
  missingLibraries(ldd: string): string[];
  testBrowser(log: () => void, machine: Machine): Promise<string>;
  usualPlaces(machine: Machine): string[];
};

/** A file system of its own. */
let root = "";
beforeEach(() => {
  root = scratchFolder("root");
});

/** A program in it that prints `says`, or fails without words. */
function place(path: string, says?: string, mode = 0o755): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, says === undefined ? "#!/bin/sh\nexit 1\n" : `#!/bin/sh\necho "${says}"\n`, { mode });
  return full;
}

test("on Linux the PATH comes first, then the usual folders, and Chromium before Chrome before Edge", () => {
  const machine = { platform: "linux", env: { PATH: "/usr/games:/home/me/bin" }, root };
  assert.equal(installedBrowser(machine), undefined);
  const edge = place("/opt/microsoft/msedge/msedge", "Microsoft Edge 140.0.1");
  assert.equal(installedBrowser(machine), edge);
  const chrome = place("/usr/bin/google-chrome", "Google Chrome 140.0.1");
  assert.equal(installedBrowser(machine), chrome);
  const chromium = place("/usr/bin/chromium", "Chromium 140.0.1");
  assert.equal(installedBrowser(machine), chromium);
  const own = place("/home/me/bin/google-chrome-stable", "Google Chrome 141.0.2");
  assert.equal(installedBrowser(machine), own);
});

test("a file that cannot be run, and a notice in a browser's place, are passed over", () => {
  place("/usr/bin/chromium", "Chromium 1.0", 0o644);
  place("/usr/bin/chromium-browser");
  place("/usr/bin/google-chrome-stable", "Command requires the chromium snap");
  const machine = { platform: "linux", env: { PATH: "/usr/bin" }, root };
  assert.equal(installedBrowser(machine), undefined);
  const edge = place("/usr/bin/microsoft-edge", "Microsoft Edge 140.0.1");
  assert.equal(installedBrowser(machine), edge);
});

test("on macOS applications are found, a person's own too; on Windows the program folders are looked in", () => {
  const mac = { platform: "darwin", env: {}, root, home: "/Users/me" };
  const own = place("/Users/me/Applications/Chromium.app/Contents/MacOS/Chromium", "Chromium 140.0.1");
  assert.equal(installedBrowser(mac), own);
  const shared = place("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "Google Chrome 140.0.1");
  assert.equal(installedBrowser(mac), shared);
  const windows = { platform: "win32", env: { PROGRAMFILES: "/programs", LOCALAPPDATA: "/local" }, root };
  assert.deepEqual(
    usualPlaces(windows).map((path) => path.slice(root.length).split("/")[1]),
    ["programs", "programs", "programs", "local", "local", "local"],
  );
  // No version is asked for there.
  const edge = place("/programs/Microsoft/Edge/Application/msedge.exe");
  assert.equal(installedBrowser(windows), edge);
});

test("LIMPID_CHROMIUM comes before all others, and is refused where it names nothing", async () => {
  place("/usr/bin/chromium", "Chromium 140.0.1");
  const chosen = place("/elsewhere/browser", "anything");
  const machine = (LIMPID_CHROMIUM: string) => ({
    platform: "linux",
    env: { PATH: "/usr/bin", LIMPID_CHROMIUM },
    root,
  });
  assert.equal(await testBrowser(() => undefined, machine(chosen)), chosen);
  await assert.rejects(
    testBrowser(() => undefined, machine(join(root, "gone"))),
    /LIMPID_CHROMIUM names .*gone, which is no program/,
  );
});

test("libraries that are not found are named, with Debian's packages", () => {
  const ldd =
    "\tlibc.so.6 => /lib/libc.so.6 (0x0)\n\tlibnss3.so => not found\n\tlibnssutil3.so => not found\n\tlibgcc_s.so.1 => not found\n";
  const lacking = missingLibraries(ldd);
  assert.deepEqual(lacking, ["libnss3.so", "libnssutil3.so", "libgcc_s.so.1"]);
  assert.equal(installCommand(lacking).join(" "), "apt-get install -y --no-install-recommends libnss3 libgcc-s1");
  assert.deepEqual(missingLibraries("\tlibc.so.6 => /lib/libc.so.6 (0x0)\n"), []);
});
