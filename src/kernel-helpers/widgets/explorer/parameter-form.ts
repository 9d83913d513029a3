import { sentenceCase } from "../../../comms/format.js";
import type { Choice, Field, FieldControl, FieldValue } from "../../../comms/states/field.js";
import { type InputKind, isForForms, type Parameter, type Parameters } from "../../../explainers/parameters.js";

/** What is known of the place in which a form is filled in. */
export interface FormContext {
  input: InputKind;
  /** Names of the layers to choose from. */
  layers: readonly string[];
  /** The values that are stated; one that no control could give is offered nevertheless. */
  values: Readonly<Record<string, unknown>>;
}

/** Units that are read more easily in others: the name of the other, and how much it is. */
const READABLE: Readonly<Record<string, readonly [unit: string, factor: number]>> = {
  bytes: ["MiB", 2 ** 20],
  pixels: ["px", 1],
  entries: ["px", 1],
};

/** What the choice of leaving a parameter to the method is called. */
const LEFT = "Automatic";

/** A form for the parameters of a method, without those that are data. */
export function parameterForm(parameters: Parameters, context: FormContext): Field[] {
  return Object.entries(parameters)
    .filter(([, parameter]) => isForForms(parameter))
    .map(([name, parameter]) => fieldOf(name, parameter, context));
}

function fieldOf(name: string, parameter: Parameter, context: FormContext): Field {
  const { label = words(name), description, unit = "", minor = false } = parameter;
  const isShare = unit.startsWith("share ");
  const [shown, factor] = isShare ? ["%", 0.01] : (READABLE[unit] ?? ["", 1]);
  // What stands behind the value is short; the whole unit is in the tooltip.
  const long = isShare ? unit.replace("share", "percent") : shown === "" ? unit : "";
  return {
    name,
    label,
    hint: long === "" ? description : `${description} (in ${long})`,
    unit: shown,
    factor,
    minor,
    default: (parameter.default as FieldValue | undefined) ?? null,
    control: controlOf(parameter, context.values[name], context),
  };
}

function controlOf(parameter: Parameter, value: unknown, context: FormContext): FieldControl {
  const { type, span, least = null, most = null, range } = parameter;
  switch (type) {
    case "switch":
      return { kind: "switch" };
    case "choice":
    case "reference":
    case "layer":
      return { kind: "choice", choices: choicesOf(parameter, value, context) };
    default:
      return span === undefined
        ? { kind: "number", least, most, whole: type !== "number", range }
        : { kind: "slider", ...span, logarithmic: span.logarithmic ?? false };
  }
}

function choicesOf(parameter: Parameter, value: unknown, { input, layers }: FormContext): Choice[] {
  const { type, description, notes = {}, default: initial } = parameter;
  const known = (type === "layer" ? layers : (parameter.choices ?? []))
    .filter((choice) => notes[choice]?.inputs?.includes(input) ?? true)
    .map((choice) => ({
      value: choice,
      label: type === "layer" ? choice : sentenceCase(notes[choice]?.label ?? choice),
      hint: notes[choice]?.description ?? description,
    }));
  const left = initial === undefined ? [{ value: "", label: LEFT, hint: description }] : [];
  const choices = [...left, ...known];
  // A cell may have stated a number for a reference.
  const isStrange = value !== undefined && value !== null && choices.every((choice) => choice.value !== String(value));
  return isStrange ? [...choices, { value: String(value), label: String(value), hint: description }] : choices;
}

/** `learningRate` as `Learning rate`. */
function words(name: string): string {
  const spaced = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return sentenceCase(spaced);
}
