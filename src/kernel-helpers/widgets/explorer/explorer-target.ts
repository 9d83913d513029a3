import { type ClassScore, type ClassTarget, explorerState, targetOf } from "../../../comms/states/explorer.js";
import { invalid, isRecord, sameData, type Trait } from "../../../comms/states/traits.js";
import { findClass, targetIndices } from "../../../explainers/class-names.js";

/** What a cell may ask for: an output by index, a class by name, or what speaks against one. It is held by index. */
export type AskedTarget = number | string | { readonly not: number | string };

/**
 * As a trait takes it, before the names are looked up.
 *
 * @public The declaration of Explorer names it.
 */
export const askedTarget: Trait<AskedTarget> = {
  ...explorerState.target,
  expected: "the index or name of a class, or { not: index or name }",
  check: (value) => {
    const named = isRecord(value) && Object.keys(value).length === 1 ? value["not"] : value;
    if (typeof named !== "string" && !Number.isSafeInteger(named)) return invalid;
    return isRecord(value) ? Object.freeze({ not: named as number | string }) : (named as number | string);
  },
};

/**
 * The same by index.
 *
 * @param outputs how many outputs there are; 0 while there is no network yet
 * @throws TargetNameError, TargetError
 */
export function byIndex(target: AskedTarget, classNames: readonly string[], outputs: number): ClassTarget {
  if (outputs === 0) return target as ClassTarget;
  const found = targetIndices(target, classNames.length > 0 ? classNames : undefined, outputs) as ClassTarget;
  // Out of range it throws.
  findClass(typeof found === "number" ? found : found.not, undefined, outputs);
  return found;
}

/** What a picture is of, in words. */
export interface TargetWords {
  title: string;
  /** The target itself, for the name of a file. */
  name: string;
  /** What the negative and the positive end of the colors mean, where signs alone would mislead. */
  ends: string[];
}

export function targetInWords(target: ClassTarget, classes: readonly ClassScore[]): TargetWords {
  const own = classes.find((score) => sameData(targetOf(score), target));
  if (own !== undefined) return { title: `Why *${firstName(own.name)}*?`, name: firstName(own.name), ends: [] };
  const index = typeof target === "number" ? target : target.not;
  const name = firstName(classes.find((score) => score.index === index)?.name ?? `output ${index}`);
  return { title: `Why not *${name}*?`, name: `not ${name}`, ends: [`for ${name}`, `against ${name}`] };
}

const firstName = (name: string): string => name.split(",")[0]!;

/** The best `count` classes, and the one that is asked for where it is none of them. */
export function listedClasses(ranked: readonly ClassScore[], target: ClassTarget, count: number): ClassScore[] {
  const best = ranked.slice(0, count);
  const index = typeof target === "number" ? target : target.not;
  const asked = best.some((score) => score.index === index) ? undefined : ranked.find((score) => score.index === index);
  return asked === undefined ? best : [...best, asked];
}
