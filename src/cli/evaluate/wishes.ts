import {
  checkParameters,
  type EvaluatedMeasureInput,
  type EvaluatedMethodInput,
  findMeasure,
  findMethod,
  type InputKind,
  type Measure,
  type Method,
  measures,
  methods,
  needsNoData,
  ParameterError,
  parseValue,
} from "../../explainers/index.js";
import { compositeFor } from "../explain/parameters.js";

/** What a command line calls a method or a measure: its id, and parameters behind colons. */
interface Wish {
  readonly text: string;
  readonly id: string;
  readonly stated: readonly (readonly [name: string, value: string])[];
}

/** Reads `lrp,lrp:composite=epsilon-plus:epsilon=0.1 occlusion`. */
function wishesOf(option: string, written: readonly string[]): Wish[] {
  const texts = written.flatMap((part) => part.split(",")).map((text) => text.trim());
  return texts
    .filter((text) => text !== "")
    .map((text) => {
      const [id = "", ...parts] = text.split(":");
      const stated = parts.map((part) => {
        const at = part.indexOf("=");
        if (at < 1) throw new ParameterError(option, text, "names with parameters as name:parameter=value");
        return [part.slice(0, at), part.slice(at + 1)] as const;
      });
      return { text, id, stated };
    });
}

/** Every method that needs no data, or a chosen few; `random` is for random attributions. */
export function methodsIn(written: readonly string[], kind: InputKind): EvaluatedMethodInput[] {
  return wishesOf("--methods", written).flatMap(({ text, id, stated }): EvaluatedMethodInput[] => {
    if (id === "all") {
      return [
        ...methods.filter((method) => needsNoData(method, kind) && method.result !== "units"),
        "random" as const,
      ].map((method) => (typeof method === "string" ? method : fitting(method, {}, kind)));
    }
    if (id === "random") return ["random"];
    const method = findMethod(id);
    const parameters = valuesOf(method, stated);
    checkParameters(method, parameters);
    return [{ ...fitting(method, parameters, kind), ...(stated.length > 0 && { name: text }) }];
  });
}

/** LRP's own default is for pixels. */
function fitting(method: Method, parameters: Readonly<Record<string, unknown>>, kind: InputKind) {
  const composite = parameters["composite"] === undefined ? compositeFor(method, kind) : undefined;
  return { method, parameters: { ...(composite !== undefined && { composite }), ...parameters }, name: method.id };
}

/** Every measure that nothing is missing for, or a chosen few. */
export function measuresIn(
  written: readonly string[],
  kind: InputKind,
  { masks }: { readonly masks: boolean },
): EvaluatedMeasureInput[] {
  return wishesOf("--measures", written).flatMap(({ text, id, stated }): EvaluatedMeasureInput[] => {
    if (id === "all") {
      const isThere = ({ needs, inputs, parameters }: Measure) =>
        inputs.includes(kind) &&
        !needs.includes("model") &&
        (masks || !needs.includes("masks")) &&
        !Object.values(parameters).some(({ required }) => required);
      return measures.filter(isThere);
    }
    const measure = findMeasure(id);
    const parameters = valuesOf(measure, stated);
    return [{ measure, parameters, ...(stated.length > 0 && { name: text }) }];
  });
}

function valuesOf(
  { id, parameters }: Pick<Method, "id" | "parameters">,
  stated: Wish["stated"],
): Record<string, unknown> {
  return Object.fromEntries(
    stated.map(([name, written]) => {
      const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
      if (parameter === undefined) throw ParameterError.notOneOf(`a parameter of ${id}`, name, Object.keys(parameters));
      if (parameter.type === "tensor" || parameter.type === "data") {
        throw new ParameterError(`${id}:${name}`, written, "left out: evaluate reads no files for parameters");
      }
      return [name, parseValue(parameter, written)];
    }),
  );
}
