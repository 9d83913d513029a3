import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "./paths.mjs";

/**
 * package.json and package-lock.json of a folder whose one dependency is the packed Limpid, with every package at the version that
 * this clone's lock file names, for `npm ci`.
 *
 * @param tarball Path of the packed Limpid; the folder is to hold it under its own name.
 */
export function lockOf(tarball) {
  const read = (name) => JSON.parse(readFileSync(join(ROOT, name), "utf8"));
  const { version, license, bin, dependencies, engines } = read("package.json");
  const root = { name: "limpid-home", private: true, dependencies: { limpid: `file:${basename(tarball)}` } };
  const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
  const needed = Object.entries(read("package-lock.json").packages).filter(([path, { dev }]) => path !== "" && !dev);
  const packages = {
    "": root,
    "node_modules/limpid": {
      version,
      resolved: root.dependencies.limpid,
      integrity,
      license,
      dependencies,
      bin,
      engines,
    },
    ...Object.fromEntries(needed),
  };
  return { manifest: root, lock: { name: root.name, lockfileVersion: 3, requires: true, packages } };
}
