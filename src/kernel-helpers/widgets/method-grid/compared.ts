import { formatShort } from "../../../comms/format.js";
import type { GridColumn } from "../../../comms/states/method-grid.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { Attribution, Explain } from "../../../explainers/explanation.js";
import type { Method } from "../../../explainers/method.js";
import type { Composite } from "../../../explainers/methods/lrp/index.js";
import { findComposite } from "../../../explainers/methods/lrp/index.js";
import { findMethod, type MethodId, methods } from "../../../explainers/methods.js";
import type { LoadedModel } from "../../models/index.js";

/** A method with parameters that are not its defaults, and what it is called in the grid. */
export interface ComparedMethod {
  method: MethodId | Method;
  parameters?: Readonly<Record<string, unknown>>;
  name?: string;
}

/** What is compared: a method by its id or itself, with parameters, as an explainer of one's own, or a result that is there. */
export type Compared = MethodId | Method | ComparedMethod | Explain | Attribution;

/** One column: what it is called, and how its maps come about: by `explain`, or they are there. */
export interface ComparedColumn extends GridColumn {
  /** Absent for what is not of the list of methods. */
  method?: Method | undefined;
  parameters?: Readonly<Record<string, unknown>>;
  explain?: Explain;
  result?: Attribution;
}

/** @throws ParameterError for a method, or a parameter of it, that does not exist or is out of its range */
export function comparedColumn(model: LoadedModel, compared: Compared, name?: string): ComparedColumn {
  if (isResult(compared)) {
    const method = methodOf(compared);
    const { parameters } = compared;
    return {
      label: name ?? resultLabel(compared),
      note: "",
      hint: hintOf(method),
      method,
      parameters,
      result: compared,
    };
  }
  if (typeof compared === "function" && !("id" in compared)) {
    return {
      label: name ?? (compared.name || "explainer"),
      note: "",
      hint: "An explainer of your own",
      explain: compared,
    };
  }
  const { method: asked, parameters = {}, name: own } = isSettings(compared) ? compared : { method: compared };
  const method = typeof asked === "string" ? findMethod(asked) : asked;
  if (typeof method !== "function" || !("id" in method)) {
    throw new ParameterError(
      "compared",
      compared,
      "a method or its id, { method, parameters }, an explainer, or a result",
    );
  }
  return {
    label: name ?? own ?? labelOf(method, parameters),
    note: noteOf(parameters, name ?? own),
    hint: hintOf(method),
    method,
    parameters,
    explain: method(model, parameters),
  };
}

/** Whether the values of a result speak for and against; of an unknown method they are taken to. */
export const isSigned = (method: Method | undefined, result: Attribution): boolean =>
  (method ?? methodOf(result))?.signed ?? true;

const isResult = (compared: Compared): compared is Attribution =>
  typeof compared === "object" && compared !== null && "relevance" in compared;

const isSettings = (compared: Compared): compared is ComparedMethod =>
  typeof compared === "object" && compared !== null && "method" in compared;

/** The method of the list that made a result; undefined for one that is none of them. */
const methodOf = ({ method: name }: Attribution): Method | undefined => methods.find((known) => known.name === name);

/** What a result was made with, in a few words. */
export function resultLabel(result: Attribution): string {
  const method = methodOf(result);
  return method === undefined ? result.method : labelOf(method, result.parameters);
}

/** LRP is named with its composite, by which its maps differ most. */
export function labelOf({ name, short = name, parameters }: Method, stated: Readonly<Record<string, unknown>>): string {
  if (!("composite" in parameters)) return short;
  const composite = (stated["composite"] ?? parameters["composite"]!.default) as string | Composite;
  return `${short}, ${typeof composite === "string" ? compositeName(composite) : composite.name}`;
}

function compositeName(id: string): string {
  try {
    return findComposite(id).name;
  } catch {
    // A result says the name of a composite that was made.
    return id;
  }
}

const hintOf = (method: Method | undefined): string => (method ? `${method.question} ${method.reference}` : "");

/** The stated parameters in a few words: `steps 8`. A composite is in the label, unless that is the caller's own. */
function noteOf(parameters: Readonly<Record<string, unknown>>, own: string | undefined): string {
  return Object.entries(parameters)
    .filter(([name, value]) => value !== undefined && (name !== "composite" || own !== undefined))
    .map(([name, value]) => `${name} ${words(value)}`)
    .join(", ");
}

function words(value: unknown): string {
  if (typeof value === "number") return formatShort(value);
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && value.length <= 4 && value.every((one) => typeof one === "number"))
    return value.map((one) => formatShort(one)).join(" × ");
  return (value as { name?: string } | null)?.name ?? "given";
}
