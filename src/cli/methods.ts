import { type Command, InvalidArgumentError } from "commander";
import { composites, findMethod, type Method, methods, type Parameter } from "../explainers/index.js";
import { everyKind } from "../explainers/parameters.js";
import type { Action } from "./action.js";
import { dataParameterOf } from "./explain/parameters.js";
import { LINE_WIDTH, table, wrapped } from "./table.js";

/** `limpid methods [METHOD]`: what there is to explain with. */
export function registerMethods(program: Command, run: (action: Action) => void): void {
  program
    .command("methods")
    .description("list the methods of explanation, or one method's parameters")
    .argument("[method]", "its name, e.g. integrated-gradients")
    .option("--json", "print one JSON object a line")
    .action((name: string | undefined, { json }: { json?: boolean }) => {
      run(async () => {
        const chosen = name === undefined ? methods : [findMethod(name)];
        if (json) for (const method of chosen) console.log(JSON.stringify({ ...method }));
        else console.log(name === undefined ? list() : describe(chosen[0]!));
        return 0;
      });
    });
}

function list(): string {
  const rows = methods.map(({ id, inputs, question }) => [
    id,
    inputs.length === everyKind.length ? "any input" : inputs.join(", "),
    question,
  ]);
  return table([["method", "explains", "question"], ...rows]);
}

export function describe(method: Method): string {
  const { name, question, reference, inputs, parameters, id } = method;
  const rows = Object.entries(parameters).map(([key, parameter]) => [
    key,
    defaultOf(parameter),
    parameter.unit ?? "",
    parameter.range,
    parameter.description,
  ]);
  const about = [name, question, `Source: ${reference}`, `Explains: ${inputs.join(", ")}`];
  const parts = [...about.flatMap((line) => wrapped(line)), ...usage(method), ""];
  parts.push(
    rows.length === 0
      ? "It has no parameters."
      : table([["parameter", "default", "unit", "must be", "what it does"], ...rows]),
  );
  if (id === "lrp") {
    const entries = composites.map((entry) => [
      entry.id,
      entry.rules,
      Object.keys(entry.parameters).join(", "),
      entry.reference,
    ]);
    parts.push("", table([["composite", "rules", "parameters", "source"], ...entries]));
  }
  return parts.join("\n");
}

/** A default as it is shown; empty where the method decides. */
export const defaultOf = ({ default: initial, required }: Parameter): string =>
  initial === undefined ? (required ? "must be given" : "") : String(initial);

/** How to hand it an input of each kind that it explains, and its data. */
function usage(method: Method): string[] {
  const { id, inputs, parameters } = method;
  const files = [...(inputs.includes("image") ? ["PHOTO"] : []), "NUMBERS.npy|.json|.csv"].join("|");
  const data = dataParameterOf(method);
  const isRequired = data !== undefined && parameters[data]!.required;
  const option = data === undefined ? "" : isRequired ? " --data FILE" : " [--data FILE]";
  const command = [`Command: limpid explain ${files} [--model MODEL]`, `--method ${id}${option}`];
  const isShort = command.join(" ").length <= LINE_WIDTH;
  const lines = [command.join(isShort ? " " : " \\\n  ")];
  if (data !== undefined)
    lines.push(...wrapped(`--data gives ${data}: a .npy, .json or .csv file, or pictures (repeatable).`));
  const takesFiles = Object.keys(parameters).filter(
    (name) => name !== data && /^(tensor|reference)$/.test(parameters[name]!.type),
  );
  if (takesFiles.length > 0) lines.push(...wrapped(`--param NAME=FILE gives ${takesFiles.join(" or ")} by a file.`));
  return lines;
}

/** Collects `--param key=value …`. */
export function collectParameter(written: string, before: Record<string, string> = {}): Record<string, string> {
  const at = written.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It is not of the form name=value.");
  return { ...before, [written.slice(0, at).trim()]: written.slice(at + 1).trim() };
}
