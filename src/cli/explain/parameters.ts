import {
  composites,
  type InputKind,
  LimpidError,
  type Method,
  type Parameter,
  ParameterError,
  parseValue,
} from "../../explainers/index.js";
import { isDataFile, readDataFile } from "../../kernel-helpers/formats/data-file.js";
import type { LoadedModel } from "../../kernel-helpers/models/index.js";
import type { Fit } from "../../kernel-helpers/pictures/load-image.js";
import { tensorflow } from "../../kernel-helpers/tensorflow/backend.js";
import { type GivenInput, readRows, type Vocabulary } from "./inputs.js";

/** What a command line says about a method's parameters. */
export interface ParameterOptions {
  composite?: string;
  epsilon?: number;
  gamma?: number;
  bias?: string;
  param?: Record<string, string>;
  data?: string[];
}

/** What files are read for: the model, its inputs, and the numbers of words. */
interface Setting {
  readonly model: LoadedModel;
  readonly inputs: readonly GivenInput[];
  readonly vocabulary: Vocabulary | undefined;
  /** How pictures come to the model's proportion. */
  readonly fit: Fit;
}

/** Says which entries belong together; every other tensor holds inputs like the explained one. */
const GROUPS = "ids";

/** The parameter that `--data` gives: what patterns are fitted to, values are drawn from or averaged over. */
export const dataParameterOf = ({ parameters }: Method): string | undefined =>
  Object.keys(parameters).find((name) => parameters[name]!.type === "tensor" && name !== GROUPS);

/**
 * The method's parameters, files read; not yet checked.
 *
 * @throws ParameterError, DataFileError, InputShapeError, LimpidError where data must be given and are not
 */
export async function parametersOf(
  method: Method,
  options: ParameterOptions,
  setting: Setting,
): Promise<Record<string, unknown>> {
  const { composite = compositeFor(method, setting.inputs[0]!.kind), epsilon, gamma, bias, param = {}, data } = options;
  const own = Object.entries({ composite, epsilon, gamma, bias }).filter(([, value]) => value !== undefined);
  const values: Record<string, unknown> = Object.fromEntries(own);
  for (const [name, written] of Object.entries(param))
    values[name] = await parameterValue(method, name, written, setting);

  const dataParameter = dataParameterOf(method);
  if (data !== undefined) {
    if (dataParameter === undefined) throw new ParameterError("--data", data.join(", "), `left out with ${method.id}`);
    values[dataParameter] = await dataIn(data, method.parameters[dataParameter]!, setting);
  }
  if (
    dataParameter !== undefined &&
    method.parameters[dataParameter]!.required &&
    values[dataParameter] === undefined
  ) {
    const { description } = method.parameters[dataParameter]!;
    throw new LimpidError(`${method.id} needs --data FILE, a .npy, .json or .csv file. ${description}.`);
  }
  return values;
}

/** LRP's own default is for pixels: anything else gets the first composite that fits it. */
export function compositeFor({ id }: Method, kind: InputKind): string | undefined {
  if (id !== "lrp" || kind === "image") return undefined;
  return composites.find(({ inputs }) => inputs.includes(kind))?.id;
}

async function parameterValue(method: Method, name: string, written: string, setting: Setting): Promise<unknown> {
  const parameter = Object.hasOwn(method.parameters, name) ? method.parameters[name]! : undefined;
  if (parameter === undefined) return written;
  if (parameter.type === "tensor" && !isDataFile(written)) {
    throw new ParameterError(name, written, "a .npy, .json or .csv file");
  }
  if (name === GROUPS) {
    const [tf, data] = await Promise.all([tensorflow(), readDataFile(written)]);
    if (!("values" in data && "shape" in data)) throw new ParameterError(name, written, "a file of numbers");
    return tf.tensor(data.values, [...data.shape]);
  }
  const isFile = parameter.type === "tensor" || (parameter.type === "reference" && isDataFile(written));
  return isFile ? rowsIn([written], setting) : parseValue(parameter, written);
}

/** Of a model of several inputs one file for each, in their order, where the parameter takes several tensors. */
async function dataIn(files: readonly string[], { takesSeveral }: Parameter, setting: Setting): Promise<unknown> {
  const { inputs } = setting;
  if (inputs.length === 1 || takesSeveral !== true) return rowsIn(files, setting);
  if (files.length !== inputs.length) {
    throw new ParameterError("--data", files.join(", "), `${inputs.length} files, one for each of the model's inputs`);
  }
  const all: unknown[] = [];
  for (const [index, file] of files.entries()) all.push(await rowsIn([file], setting, index));
  return all;
}

const rowsIn = (files: readonly string[], { model, inputs, vocabulary, fit }: Setting, index = 0) =>
  readRows(files, model, inputs[index]!.tensor, vocabulary, index, fit);
