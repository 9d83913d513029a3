import { TargetError } from "../../explainers/errors.js";
import { TargetNameError } from "./errors.js";

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
  if (!classNames) throw new TargetNameError(`The model has no class names; give an index from 0 to ${count - 1}`);

  const wanted = text.toLowerCase();
  const fitting = (test: (name: string) => boolean): NamedClass[] =>
    classNames.map((name, index) => ({ index, name })).filter(({ name }) => test(name.toLowerCase()));
  const exact = fitting((name) => name === wanted || name.split(/\s*,\s*/).includes(wanted));
  const candidates = exact.length > 0 ? exact : fitting((name) => ` ${words(name)} `.includes(` ${words(wanted)} `));
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length > 1) {
    throw new TargetNameError(`"${text}" fits ${candidates.length} classes: ${list(candidates)}`, candidates);
  }
  const near = wanted.length > 2 ? fitting((name) => name.includes(wanted)) : [];
  const hint = near.length > 0 ? `; did you mean ${list(near)}?` : "";
  throw new TargetNameError(`No class is called "${text}"${hint}`, near);
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
