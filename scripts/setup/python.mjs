import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HOST_PYTHON, IS_CLONE, ROOT, VENV, venvProgram } from "./paths.mjs";
import { fingerprint, hasStamp, runProgram, SetupError, tryProgram, writeStamp } from "./process.mjs";

const folder = join(ROOT, "scripts", "setup");
const requirements = join(folder, "requirements.txt");
const constraints = join(folder, "constraints.txt");
const stamp = join(VENV, ".limpid-python");
const wanted = () => fingerprint([VENV], [requirements, constraints]);

/** Command and version of the first Python ≥ 3.10, or undefined. `LIMPID_PYTHON` names one to use. */
export function findPython() {
  const named = HOST_PYTHON ?? process.env.LIMPID_PYTHON;
  const candidates = named
    ? [named]
    : ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
  for (const command of candidates) {
    const version = tryProgram(command, ["-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]);
    if (!version) continue;
    const [major, minor] = version.split(".").map(Number);
    if (major === 3 && minor >= 10) return { command, version };
  }
  return undefined;
}

/** The private Python environment in .venv: JupyterLab, its widget manager, nbconvert. */
export const python = {
  name: `JupyterLab in ${IS_CLONE ? ".venv" : VENV}`,
  missing() {
    if (!hasStamp(stamp, wanted())) return "the private Python environment is not there or not current";
    return undefined;
  },
  async run(progress) {
    const found = findPython();
    if (!found) {
      throw new SetupError(
        "No Python 3.10 or newer was found.",
        "Install one (Debian: apt-get install python3 python3-venv) or name it: LIMPID_PYTHON=/path/to/python3",
      );
    }
    progress(`python -m venv with Python ${found.version}`);
    try {
      await runProgram(found.command, ["-m", "venv", "--clear", VENV]);
    } catch (error) {
      throw new SetupError(error.message, "Python's venv module is needed (Debian: apt-get install python3-venv)");
    }
    await runProgram(
      venvProgram("python"),
      ["-m", "pip", "install", "--disable-pip-version-check", "-r", requirements, "-c", constraints],
      { onLine: (line) => progress(line.replace(/ \(from .*/, "")) },
    );
    // JupyterLab runs CommonJS scripts from in here, which must not inherit this package's "type": "module".
    writeFileSync(join(VENV, "package.json"), '{ "type": "commonjs" }\n');
    writeStamp(stamp, wanted());
  },
};
