import { formatCount, formatNumber } from "../../comms/format.js";
import type { Difference } from "../compare/ledgers.js";
import { LIMPID_CODE } from "../inputs/inputs.js";
import type { ChangedInput } from "./changed-inputs.js";
import type { RunNotebook, Verification } from "./verify.js";

/** What somebody should know who verifies what another has sent. */
export const RUNS_EMBEDDED =
  "running the code that the report itself holds, with all rights that you have: verify reports only of people whose code you would run";

/** What of the inputs is not as it was, before anything is run. */
export function inputsInWords(notebook: RunNotebook, changed: readonly ChangedInput[]): string[] {
  const ran = notebook === "embedded" ? "the notebook that the report holds" : notebook.file;
  const isMissing = changed.some(({ what }) => what === "missing");
  return [
    changed.length === 0 ? `inputs: as they were (${ran})` : `inputs: ${changed.length} changed (${ran})`,
    ...changed.flatMap(changeInWords),
    ...(isMissing ? ["missing files are looked for from the notebook's folder: --notebook FILE names another"] : []),
    ...(notebook === "embedded" ? [RUNS_EMBEDDED] : []),
  ];
}

function changeInWords({ role, key, what, part, was, is }: ChangedInput): string[] {
  const name = key === LIMPID_CODE ? "Limpid's own code" : `${role} ${key}`;
  const place = part === undefined ? "" : `: ${part}`;
  const values = [
    ...(was === undefined ? [] : [`      was  ${was}`]),
    ...(is === undefined ? [] : [`      is   ${is}`]),
  ];
  return [
    `  ${what === "changed" ? "changed" : what === "missing" ? "missing" : "read for the first time"}  ${name}${place}`,
    ...values,
  ];
}

/** What running it again has shown, for a person. */
export function verificationInWords(verification: Verification): string[] {
  const { comparison, surroundings, late, backend } = verification;
  const { verdict, compared, agreed, differences, more, untold, tolerance } = comparison;
  const how = tolerance === 0 ? "bit by bit" : `within ${formatNumber(tolerance, 2)} relative`;
  return [
    ...(surroundings.length === 0 ? [] : ["surroundings:", ...surroundings.map((line) => `  ${line}`)]),
    ...late.flatMap(changeInWords),
    ...differences.flatMap(differenceInWords),
    ...(more === 0 ? [] : [`and ${formatCount(more)} more differences in the same values`]),
    ...(untold.length === 0 ? [] : ["not compared:", ...untoldInWords(verification)]),
    `${formatCount(agreed)} of ${formatCount(compared)} values agree, ${how} (${backend})`,
    verdict === "nothing" ? "nothing could be compared" : verdict,
  ];
}

function differenceInWords({ name, quantity, was, is, tolerance, distance }: Difference): string[] {
  return [
    `${name}, ${quantity}`,
    `      was  ${was}`,
    `      is   ${is}`,
    `      tolerance ${tolerance}${distance === "" ? "" : `; ${distance}`}`,
  ];
}

/** Most of these that are listed one by one. */
const LISTED = 8;

function untoldInWords({ comparison: { untold } }: Verification): string[] {
  const lines = untold.slice(0, LISTED).map(({ name, quantity, why }) => `  ${name}, ${quantity}: ${why}`);
  return untold.length > LISTED ? [...lines, `  and ${untold.length - LISTED} more`] : lines;
}
