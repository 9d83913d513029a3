import { TargetError, TargetNameError } from "./errors.js";
import { nearest } from "./suggestions.js";

/** A class of a model. */
export interface NamedClass {
  index: number;
  name: string;
  /** What explains this class, where it is not the output of that index: of two classes that one output tells apart. */
  target?: number | { readonly not: number };
}

/** How many candidates an error lists. */
const LISTED = 10;

/**
 * Finds a class by its index or its name: the whole name, one of its synonyms ("tabby" of "tabby, tabby cat"), or else a
 * whole word of it; upper and lower case are the same.
 *
 * @param count How many outputs there are. Of one output with two names, the second is what speaks for it, the first what speaks against it.
 * @throws TargetError when the index is out of range, TargetNameError when no class or more than one fits.
 * @example findClass("tabby", model.classNames, 1000); // { index: 281, name: "tabby, tabby cat" }
 */
export function findClass(
  target: string | number,
  classNames: readonly string[] | undefined,
  count: number,
): NamedClass {
  if (count === 1 && classNames?.length === 2) {
    const { index, name } = findClass(target, classNames, 2);
    return { index, name, target: index === 1 ? 0 : { not: 0 } };
  }
  const text = String(target).trim();
  if (/^[+-]?\d+$/.test(text)) {
    const index = Number(text);
    if (index < 0 || index >= count) {
      throw new TargetError(`Target ${text} is out of range: the model has the outputs 0 to ${count - 1}`);
    }
    return { index, name: classNames?.[index] ?? `output ${index}` };
  }
  if (!classNames) {
    const range = Number.isFinite(count) ? ` from 0 to ${count - 1}` : "";
    throw new TargetNameError(`The model has no class names, so none is called "${text}"; give an index${range}`);
  }

  const wanted = text.toLowerCase();
  const fitting = (test: (name: string) => boolean): NamedClass[] =>
    classNames.map((name, index) => ({ index, name })).filter(({ name }) => test(name.toLowerCase()));
  const exact = fitting((name) => name === wanted || name.split(/\s*,\s*/).includes(wanted));
  const candidates = exact.length > 0 ? exact : fitting((name) => ` ${words(name)} `.includes(` ${words(wanted)} `));
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length > 1) {
    throw new TargetNameError(`"${text}" fits ${candidates.length} classes: ${list(candidates)}`, candidates);
  }
  const names = classNames.flatMap((name, index) => name.split(/\s*,\s*/).map((synonym) => ({ index, synonym })));
  const meant = nearest(
    wanted,
    names.map(({ synonym }) => synonym),
  );
  const indices = new Set(names.filter(({ synonym }) => meant.includes(synonym)).map(({ index }) => index));
  const near = Array.from(indices, (index) => ({ index, name: classNames[index]! }));
  const hint = near.length > 0 ? `; did you mean ${list(near)}?` : "";
  throw new TargetNameError(`No class is called "${text}"${hint}`, near);
}

/**
 * A target with indices in the place of class names.
 *
 * @param count How many outputs there are, where known.
 * @param output Which output of the model is meant: its class names are those of the first.
 * @throws TargetNameError
 */
export function targetIndices<T>(
  target: T,
  classNames: readonly string[] | undefined,
  count: number | undefined,
  output = 0,
): T | number | number[] | { readonly not: number } {
  const isName = (one: unknown): one is string => typeof one === "string" && one !== "top1";
  const resolved = (name: string): number | { readonly not: number } => {
    if (/^\d+$/.test(name)) return Number(name);
    if (output !== 0) {
      throw new TargetNameError(`Class names are those of the model's first output; give an index of output ${output}`);
    }
    if (count === undefined && classNames?.length === 2) {
      throw new TargetNameError(
        `Whether the two classes are one output or two is not known: give an index, not "${name}"`,
      );
    }
    const found = findClass(name, classNames, count ?? classNames?.length ?? Number.POSITIVE_INFINITY);
    return found.target ?? found.index;
  };
  const indexOf = (name: string): number => {
    const index = resolved(name);
    if (typeof index === "number") return index;
    throw new TargetNameError(`"${name}" is what speaks against the model's one output: give it as the only target`);
  };
  if (isName(target)) return resolved(target);
  if (target !== null && typeof target === "object" && "not" in target && isName(target.not)) {
    const found = resolved(target.not);
    // Against what speaks against an output is the output.
    return typeof found === "number" ? { not: found } : found.not;
  }
  if (!Array.isArray(target) || !target.some(isName)) return target;
  return target.map((one: unknown) => (isName(one) ? indexOf(one) : (one as number)));
}

function words(name: string): string {
  return name
    .split(/[^\p{L}\p{N}]+/u)
    .join(" ")
    .trim();
}

function list(classes: NamedClass[]): string {
  const shown = classes.slice(0, LISTED).map(({ index, name }) => `${index} (${name})`);
  return shown.join(", ") + (classes.length > LISTED ? `, and ${classes.length - LISTED} more` : "");
}
