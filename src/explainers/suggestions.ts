import { editDistance } from "./numerics/edit-distance.js";

/** How many names are a list that a reader looks through, also where a near one is suggested. */
export const LISTED = 12;

/** How many names an error suggests. */
const SUGGESTED = 3;

/**
 * The known names that a mistyped one may mean, the nearest first: those that read the same without case, spaces, hyphens and
 * underscores, those that it begins or that hold it, and those of which at most a third of the letters are wrong.
 *
 * @example nearest("intergrated_gradients", methods.map(({ id }) => id)); // ["integrated-gradients"]
 */
export function nearest(wanted: string, known: readonly string[]): string[] {
  const word = plain(wanted);
  if (word === "") return [];
  const rated = [...new Set(known)].flatMap((name) => {
    const other = plain(name);
    const distance = editDistance(word, other);
    if (distance <= Math.max(1, Math.floor(Math.min(word.length, other.length) / 3)) && distance < word.length) {
      return [{ name, distance }];
    }
    // Parts of a name are further away than any slip.
    return word.length > 2 && other.includes(word) ? [{ name, distance: 100 + other.length - word.length }] : [];
  });
  const least = Math.min(...rated.map(({ distance }) => distance));
  // What is much further than the nearest is noise.
  const near = rated.filter(({ distance }) => distance <= 2 * least + 1);
  return near
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, SUGGESTED)
    .map(({ name }) => name);
}

/**
 * What an error adds about a name that is not known: ` Did you mean "lrp"?`, or nothing where no name is near.
 *
 * @example throw new ModelNotFoundError(`There is no model "${name}".${didYouMean(nearest(name, builtInModels))}`);
 */
export function didYouMean(candidates: readonly string[]): string {
  const quoted = candidates.map((name) => `"${name}"`);
  const last = quoted.pop();
  if (last === undefined) return "";
  return ` Did you mean ${quoted.length > 0 ? `${quoted.join(", ")} or ${last}` : last}?`;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]+/g, "");
