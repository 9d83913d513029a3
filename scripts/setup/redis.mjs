import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "./paths.mjs";
import { runProgram, SetupError, tryProgram } from "./process.mjs";

/** Debian's packages of the server and of the libraries that it links to. */
const PACKAGES = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1"];

const folder = join(CACHE, "redis");
const launcher = join(folder, "run");

/**
 * The Redis server of the queue's tests: what `LIMPID_REDIS` names, else an installed one, else Debian's, unpacked into `.limpid/redis` without being
 * installed at the first call.
 *
 * @throws SetupError that says what to install.
 */
export async function testRedis(log = () => {}) {
  const { LIMPID_REDIS } = process.env;
  if (LIMPID_REDIS) return LIMPID_REDIS;
  for (const name of ["redis-server", "valkey-server"]) if (tryProgram(name, ["--version"]) !== undefined) return name;
  if (!existsSync(launcher)) await unpack(log);
  return launcher;
}

async function unpack(log) {
  const advice = "Install Redis (Debian: apt-get install redis-server), or set LIMPID_REDIS to its server";
  if (tryProgram("apt-get", ["--version"]) === undefined)
    throw new SetupError("The tests of the queue need a Redis server, and none was found.", advice);
  log("No redis-server was found: unpacking Debian's into .limpid/redis (6 MB)");
  const fresh = `${folder}-${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const download = () => runProgram("apt-get", ["download", "-q", ...PACKAGES], { cwd: fresh });
  try {
    await download().catch(async () => {
      // A new machine has no lists yet.
      await runProgram("apt-get", ["update", "-qq"]);
      await download();
    });
    for (const name of readdirSync(fresh).filter((file) => file.endsWith(".deb"))) {
      await runProgram("dpkg-deb", ["-x", join(fresh, name), fresh]);
      rmSync(join(fresh, name));
    }
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw new SetupError(`Debian's redis-server could not be unpacked: ${error.message}`, advice);
  }
  const start = `#!/bin/sh
# Redis with the libraries that came with it.
here="$(dirname "$0")"
for lib in "$here"/usr/lib/*/; do export LD_LIBRARY_PATH="$lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; done
exec "$here/usr/bin/redis-server" "$@"
`;
  writeFileSync(join(fresh, "run"), start, { mode: 0o755 });
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}
