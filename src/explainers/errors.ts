import { didYouMean, LISTED, nearest } from "./suggestions.js";

/** The base of every error that Limpid throws on purpose: its message says what is wrong and what to do about it. */
export class LimpidError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A model contains an operation that no rule covers. */
export class UnsupportedOperationError extends LimpidError {
  constructor(
    readonly layer: string,
    readonly operation: string,
    readonly method: string,
    hint = 'Pass fallback: "gradient" to send relevance through it in proportion to its gradient.',
  ) {
    super(`${method} has no rule for the operation ${operation} in layer "${layer}". ${hint}`);
  }
}

/** What was given as a model cannot be traced. */
export class ModelError extends LimpidError {}

/** A model computes NaN or an infinity for an input. */
export class NonFiniteError extends ModelError {
  constructor(
    /** The first layer where that shows, or the input; empty where every layer's value is finite and only the way back is not. */
    readonly layer: string,
    readonly operation: string,
    /** What of it is not finite: its `weights`, `bias`, … or its `value`. */
    readonly place: string,
    readonly value: number,
    /** What helps where only the way back is not finite. */
    advice = "Try another method, such as LRP with a large epsilon or occlusion.",
  ) {
    super(
      layer === ""
        ? `${value} arose on the way back through the network, though every layer's value is finite: a denominator vanishes or ` +
            `numbers grow without bounds. ${advice}`
        : operation === "input"
          ? `The ${layer} holds ${value}: clean the data, or look at how it was normalized.`
          : `Layer "${layer}" (${operation}) has ${value} ${place === "value" ? "as a value" : `among its ${place}`}: ` +
            "look at the model's weights, and whether the input is in the range that it was trained on.",
    );
  }
}

/** Where a computation failed, as far as it is known. */
export interface FailedAt {
  /** The method, or what else was called. */
  readonly method?: string;
  readonly layer?: string;
  readonly operation?: string;
  /** Shapes of what the operation was given. */
  readonly shapes?: readonly (readonly number[])[];
}

/** TensorFlow.js, its backend or a function that was given failed while something was computed; `cause` is what it threw. */
export class ComputationError extends LimpidError {
  readonly method: string | undefined;
  readonly layer: string | undefined;
  readonly operation: string | undefined;
  readonly shapes: readonly (readonly number[])[] | undefined;

  constructor(at: FailedAt, cause: unknown) {
    const { method = "The computation", layer, operation, shapes } = at;
    const where = [
      ...(operation ? [` at ${operation}`] : []),
      ...(layer ? [` in layer "${layer}"`] : []),
      ...(shapes?.length ? [` on ${shapes.map((shape) => `[${shape.join(", ")}]`).join(" and ")}`] : []),
    ];
    super(`${method} failed${where.join("")}: ${firstLine(cause)} ${adviceOn(cause)}`, { cause });
    this.method = at.method;
    this.layer = layer;
    this.operation = operation;
    this.shapes = shapes;
  }
}

/** What was said first, as a sentence; the native backend says its message behind a number. */
function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const said = /^Invalid TF_Status.*\s*Message: *(.*)$/s.exec(text.trim())?.[1] ?? text;
  const unsaid = cause instanceof Error ? cause.name : "no reason was given";
  const line = said.trim().split("\n")[0]!.slice(0, 300) || unsaid;
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

/** What helps, by what backends are known to say. */
function adviceOn(cause: unknown): string {
  const text = String(cause);
  if (/disposed/i.test(text))
    return "Something that it needs has been disposed of: load the model again, or keep its tensors.";
  if (/out of memory|OOM|alloc|enlarge memory|array length|out of bounds/i.test(text)) {
    return "Memory seems to be short: explain fewer samples at a time, or lower memoryBudget where the method has one.";
  }
  if (/not registered for/i.test(text)) {
    return "The backend lacks this operation: use the native one (LIMPID_BACKEND=native), or write the model without it.";
  }
  return "Run the model itself on this input (model.predict): if it fails too, the model or the input is at fault, else Limpid is.";
}

/** An input does not fit the model, or the method: both are told as shapes in brackets or as nouns. */
export class InputShapeError extends LimpidError {
  constructor(
    readonly expected: string,
    readonly actual: string,
  ) {
    const told = (what: string) => (what.startsWith("[") ? `of shape ${what}` : what);
    super(`The input has to be ${told(expected)}, but is ${told(actual)}.`);
  }
}

/** A target names no output of the model. */
export class TargetError extends LimpidError {}

/** A target that is no class of the model, or a name that fits several classes; `candidates` lists those, or what may have been meant. */
export class TargetNameError extends TargetError {
  constructor(
    message: string,
    readonly candidates: readonly { readonly index: number; readonly name: string }[] = [],
  ) {
    super(message);
  }
}

/** A parameter is outside its range. */
export class ParameterError extends LimpidError {
  constructor(
    readonly parameter: string,
    readonly value: unknown,
    expected: string,
    /** Known names that may have been meant. */
    readonly candidates: readonly string[] = [],
  ) {
    super(`${parameter} must be ${expected}, but is ${describe(value)}.${didYouMean(candidates)}`);
  }

  /** A name that is none of `known`: it suggests those that are near, and lists all of them where none is or they are few. */
  static notOneOf(parameter: string, value: unknown, known: readonly string[]): ParameterError {
    const candidates = typeof value === "string" ? nearest(value, known) : [];
    const isLong = known.length > LISTED && candidates.length > 0;
    const expected = isLong ? `one of ${known.length} known names` : `one of ${known.join(", ")}`;
    return new ParameterError(parameter, value, expected, candidates);
  }
}

/** A result was used after its tensors had been disposed of. */
export class DisposedError extends LimpidError {}

/** A value in a few words, for error messages. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  const isShort = Array.isArray(value) && value.length <= 8 && value.every((one) => typeof one !== "object");
  if (isShort) return `[${value.map(describe).join(", ")}]`;
  if (value !== null && typeof value === "object") return `a ${value.constructor?.name ?? "object"}`;
  return String(value);
}
