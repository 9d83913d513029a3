import { LimpidError, ParameterError } from "../../errors.js";
import type { Explain } from "../../explanation.js";
import { plainValues } from "../../knowing.js";
import { checkParameters, type Method } from "../../method.js";
import { findMethod, type MethodId } from "../../methods.js";
import type { Model } from "../../network/index.js";
import { checked } from "../../parameters.js";
import type { Better, Measure, Measurer } from "../measure.js";
import { findMeasure, type MeasureId } from "../measures.js";
import type { EvaluatedMeasure, EvaluatedMethod } from "./evaluation.js";
import { RANDOM, randomExplainer } from "./random-attributions.js";

/** A method with parameters that are not its defaults, and what it is called in the table. */
export interface MethodSetting {
  readonly method: MethodId | typeof RANDOM | Method;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly name?: string;
}

/** An explainer of one's own, for any model. */
export interface OwnMethod {
  readonly name: string;
  readonly explain: (model: Model) => Explain;
}

/** What is evaluated: a method of the list, `"random"` for random attributions, which any method should beat, or one's own. */
export type EvaluatedMethodInput = MethodId | typeof RANDOM | Method | MethodSetting | OwnMethod;

/** A measure with parameters that are not its defaults, and what it is called in the table. */
export interface MeasureSetting {
  readonly measure: MeasureId | Measure;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly name?: string;
}

/** A measure of one's own. */
export interface OwnMeasure {
  readonly name: string;
  readonly better: Better;
  readonly measure: Measurer;
}

/** What is measured: a measure of the list, or one's own. */
export type EvaluatedMeasureInput = MeasureId | Measure | MeasureSetting | OwnMeasure;

/** A row of the grid. */
export interface MethodColumn {
  readonly about: EvaluatedMethod;
  /** Makes the explainer of a model; throws where it does not fit. */
  readonly explain: (model: Model) => Explain;
}

/** A column of the grid. */
export interface MeasureColumn {
  readonly about: EvaluatedMeasure;
  /** Throws where it does not fit the model. */
  readonly measurer: () => Measurer;
}

/**
 * The methods by their labels: ids, with the parameters that were stated where an id stands twice.
 *
 * @throws ParameterError for a method that does not exist, a parameter that is out of its range, or two equal labels
 */
export function methodColumns(given: readonly EvaluatedMethodInput[], seed: number): MethodColumn[] {
  if (!Array.isArray(given) || given.length === 0) throw new ParameterError("methods", given, "a list of methods");
  const columns = given.map((one): MethodColumn & Named => {
    if (isOwnMethod(one)) {
      const about = { label: one.name, id: null, name: one.name, parameters: {} };
      return { about, named: true, stated: {}, explain: one.explain };
    }
    const { method, parameters = {}, name } = typeof one === "object" ? one : { method: one };
    if (method === RANDOM) {
      const about = { label: name ?? RANDOM, id: RANDOM, name: "Random attributions", parameters: {} };
      return { about, named: name !== undefined, stated: parameters, explain: (model) => randomExplainer(model, seed) };
    }
    const found = typeof method === "string" ? findMethod(method) : method;
    if (typeof found !== "function" || !("parameters" in found)) {
      const expected = 'a method or its id, "random", { method, parameters, name }, or { name, explain: (model) => … }';
      throw new ParameterError("methods", method, expected);
    }
    const stated = "seed" in found.parameters ? { seed, ...parameters } : parameters;
    // What a method must have and was not given makes its cells fail, and stops no other method.
    if (Object.keys(parameters).length > 0) checkParameters(found, stated);
    const about = { label: name ?? found.id, id: found.id, name: found.name, parameters: settled(found, stated) };
    return { about, named: name !== undefined, stated: parameters, explain: (model) => found(model, stated) };
  });
  return labelled("methods", columns);
}

/** @throws ParameterError as `methodColumns` */
export function measureColumns(given: readonly EvaluatedMeasureInput[], model: Model): MeasureColumn[] {
  if (!Array.isArray(given) || given.length === 0) throw new ParameterError("measures", given, "a list of measures");
  const columns = given.map((one): MeasureColumn & Named => {
    if (isOwnMeasure(one)) {
      const about: EvaluatedMeasure = {
        label: one.name,
        id: null,
        name: one.name,
        question: "",
        reference: "",
        category: null,
        co12: [],
        better: one.better,
        range: [null, null],
        unit: "",
        parameters: {},
      };
      return { about, named: true, stated: {}, measurer: () => one.measure };
    }
    const { measure, parameters = {}, name } = typeof one === "object" ? one : { measure: one };
    const found = typeof measure === "string" ? findMeasure(measure) : measure;
    if (typeof found !== "function" || !("co12" in found)) {
      const expected = "a measure or its id, { measure, parameters, name }, or { name, better, measure }";
      throw new ParameterError("measures", measure, expected);
    }
    const values = Object.keys(parameters).length > 0 ? checked(found.id, found.parameters, parameters) : undefined;
    const bound = (value: number) => (Number.isFinite(value) ? value : null);
    const about: EvaluatedMeasure = {
      label: name ?? found.id,
      id: found.id,
      name: found.name,
      question: found.question,
      reference: found.reference,
      category: found.category,
      co12: found.co12,
      better: values === undefined ? found.better : found.betterWith(parameters),
      range: [bound(found.range[0]), bound(found.range[1])],
      unit: found.unit ?? "",
      parameters: settled(found, parameters),
    };
    return { about, named: name !== undefined, stated: parameters, measurer: () => found(model, parameters) };
  });
  return labelled("measures", columns);
}

const isOwnMethod = (one: EvaluatedMethodInput): one is OwnMethod =>
  typeof one === "object" && one !== null && "explain" in one;

const isOwnMeasure = (one: EvaluatedMeasureInput): one is OwnMeasure =>
  typeof one === "object" && one !== null && "better" in one && !("id" in one);

interface Named {
  /** Whether the caller gave the name. */
  readonly named: boolean;
  readonly stated: Readonly<Record<string, unknown>>;
}

/** Defaults and what was stated, as they can be written. */
function settled(
  { parameters }: Pick<Method, "parameters">,
  stated: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const defaults = Object.fromEntries(
    Object.entries(parameters).map(([name, { default: initial }]) => [name, initial]),
  );
  return plainValues({ ...defaults, ...stated });
}

function labelled<C extends { readonly about: { readonly label: string } }>(what: string, columns: (C & Named)[]): C[] {
  const count = (label: string) => columns.filter(({ about }) => about.label === label).length;
  const all = columns.map(({ named, stated, ...column }) => {
    const { label } = column.about;
    const words = Object.entries(plainValues(stated)).map(([name, value]) => `${name} ${value}`);
    const own = named || count(label) === 1 || words.length === 0 ? label : `${label} (${words.join(", ")})`;
    return { ...column, about: { ...column.about, label: own } } as unknown as C;
  });
  const seen = new Set<string>();
  for (const { about } of all) {
    if (seen.has(about.label))
      throw new ParameterError(what, about.label, "named once: give { …, name } to one of them");
    seen.add(about.label);
  }
  return all;
}

/** What no sample alone would do better: the model, the wish or the evidence is at fault. */
const structural: ReadonlySet<string> = new Set([
  "InputShapeError",
  "MissingEvidenceError",
  "ParameterError",
  "TargetNameError",
  "UnsupportedOperationError",
]);

/** Whether a batch that failed need not be tried sample by sample. */
export const isStructural = (error: unknown): boolean => error instanceof LimpidError && structural.has(error.name);
