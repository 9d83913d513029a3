import type { Tensor } from "@tensorflow/tfjs-core";
import {
  checkParameters,
  composites,
  type InputKind,
  type Method,
  ParameterError,
  parseValue,
} from "../../explainers/index.js";
import { isDataFile, readDataFile } from "../../kernel-helpers/formats/data-file.js";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { tensorflow } from "../../kernel-helpers/tensorflow/backend.js";
import { fittingShape } from "../sources/rows.js";

/**
 * A method's parameters from plain values and texts as a command line gives them; a tensor is read from its file.
 *
 * @throws ParameterError, DataFileError
 */
export async function parametersOf(
  method: Method,
  given: Readonly<Record<string, unknown>>,
  { kind, shape }: { readonly kind: InputKind; readonly shape: readonly number[] },
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = { ...fittingComposite(method, given, kind) };
  for (const [name, value] of Object.entries(given)) {
    const parameter = Object.hasOwn(method.parameters, name) ? method.parameters[name]! : undefined;
    if (parameter === undefined || typeof value !== "string") values[name] = value;
    else if (parameter.type === "tensor" || (parameter.type === "reference" && isDataFile(value)))
      values[name] = await tensorIn(name, value, shape);
    else values[name] = parseValue(parameter, value);
  }
  checkParameters(method, values);
  return values;
}

/** LRP's own default is for pixels: anything else gets the first composite that fits it. */
function fittingComposite({ id }: Method, given: Readonly<Record<string, unknown>>, kind: InputKind) {
  if (id !== "lrp" || kind === "image" || given["composite"] !== undefined) return {};
  const composite = composites.find(({ inputs }) => inputs.includes(kind))?.id;
  return composite === undefined ? {} : { composite };
}

async function tensorIn(name: string, file: string, shape: readonly number[]): Promise<Tensor> {
  if (!isDataFile(file)) throw new ParameterError(name, file, "a .npy, .json or .csv file");
  const [tf, data] = await Promise.all([tensorflow(), readDataFile(file)]);
  if (!("values" in data && "shape" in data)) throw new DataFileError(file, "holds words, where numbers are needed");
  const [rows = 0, ...sizes] = data.shape;
  return tf.tensor(data.values, [rows, ...fittingShape(file, sizes, shape)]);
}
