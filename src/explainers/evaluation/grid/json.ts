import { ParameterError } from "../../errors.js";
import { assembled } from "./assembled.js";
import { type Evaluation, FORMAT } from "./evaluation.js";

/** An evaluation as JSON, whole or in part; the same evaluation gives the same text. */
export const evaluationToJson = (evaluation: Evaluation): string => `${JSON.stringify(evaluation)}\n`;

/**
 * Reads an evaluation back: what was measured is taken, and what follows from it is found anew.
 *
 * @param where names the text in errors
 * @throws ParameterError naming the first thing that is not as `evaluationToJson` writes it
 */
export function evaluationFromJson(text: string, where = "the evaluation"): Evaluation {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new ParameterError(where, `${text.slice(0, 40)}…`, "JSON, as an evaluation is saved");
  }
  const refuse = (part: string, value: unknown, expected: string): never => {
    throw new ParameterError(`${where}, ${part},`, value, expected);
  };
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(given) || given["format"] !== FORMAT) {
    return refuse("format", isObject(given) ? given["format"] : given, `"${FORMAT}"`);
  }
  const found = given;
  const list = (part: string, accepts: (one: Record<string, unknown>) => boolean, expected: string) => {
    const all = found[part];
    if (!Array.isArray(all)) return refuse(part, all, "a list");
    for (const [at, one] of all.entries()) if (!isObject(one) || !accepts(one)) refuse(`${part}[${at}]`, one, expected);
    return all as Record<string, unknown>[];
  };
  const isText = (value: unknown) => typeof value === "string";
  const isNumber = (value: unknown) => value === null || Number.isFinite(value);
  for (const part of ["seed", "batch", "level"])
    if (!Number.isFinite(found[part])) refuse(part, found[part], "a number");
  for (const part of ["model", "data"]) if (!isText(found[part])) refuse(part, found[part], "text");
  if (typeof found["complete"] !== "boolean") refuse("complete", found["complete"], "true or false");
  const labels = (part: string) =>
    new Set(
      list(part, (one) => isText(one["label"]) && isText(one["name"]), "{ label, name, … }").map((one) => one["label"]),
    );
  const [methods, measures] = [labels("methods"), labels("measures")];
  const better = new Set(["higher", "lower", "none"]);
  list("measures", (one) => better.has(one["better"] as string), '{ better: "higher", "lower" or "none", … }');
  const samples = list(
    "samples",
    (one) => isText(one["name"]) && isNumber(one["target"]) && isNumber(one["output"]),
    "{ name, target, output, predicted }",
  );
  const isCell = (one: Record<string, unknown>) =>
    methods.has(one["method"]) &&
    measures.has(one["measure"]) &&
    samples[one["sample"] as number] !== undefined &&
    isNumber(one["value"]);
  const isReason = (reason: unknown) => reason === null || isText(reason);
  list("rows", (one) => isCell(one) && isReason(one["reason"]), "a cell of its methods, measures and samples");
  const isTrial = (one: Record<string, unknown>) =>
    isCell(one) && ["noise", "adversary"].includes(one["test"] as string) && Number.isInteger(one["trial"]);
  list("trials", isTrial, "a trial of its methods, measures and samples");
  return assembled(found as unknown as Evaluation);
}
