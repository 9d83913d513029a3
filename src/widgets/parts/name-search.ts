/** A name that fits what was typed. */
export interface Hit {
  index: number;
  /** The synonym that fits. */
  name: string;
}

/** What a search brings. */
export interface Found {
  /** The best first. */
  hits: Hit[];
  /** Whether the hits hold what was typed; else they only resemble it. */
  fits: boolean;
  /** The one that is called exactly so, if only one is. */
  exact: Hit | undefined;
}

/** How alike a name must be, 0 to 1, to be offered where none fits. */
const ALIKE = 0.3;
const OFFERED = 3;

/**
 * Finds names by what is typed: an index, the beginning of a name, of a word in it, or any part; upper and lower case are the same. Where
 * nothing fits, the names that resemble it most.
 *
 * @param names by index, each with its synonyms after commas
 * @param count how many indices there are, also without names
 */
export function searchNames(typed: string, names: readonly string[], count: number): Found {
  const text = typed.trim().toLowerCase();
  if (text === "") return { hits: [], fits: true, exact: undefined };
  if (/^\d+$/.test(text)) {
    const index = Number(text);
    const hits = index < count ? [{ index, name: names[index] ?? `output ${index}` }] : [];
    return { hits, fits: hits.length > 0, exact: hits[0] };
  }
  const all = names.flatMap((entry, index) => entry.split(/\s*,\s*/).map((name) => ({ index, name })));
  const rated = best(all, ({ name }) => fit(text, name.toLowerCase()));
  if (rated.length > 0) {
    const exact = rated.filter(({ rating }) => rating === 4);
    return { hits: rated.map(({ hit }) => hit), fits: true, exact: exact.length === 1 ? exact[0]!.hit : undefined };
  }
  const near = best(all, ({ name }) => {
    const rating = likeness(text, name.toLowerCase());
    return rating < ALIKE ? 0 : rating;
  });
  return { hits: near.slice(0, OFFERED).map(({ hit }) => hit), fits: false, exact: undefined };
}

/** The best synonym of each, the best of all first; those that are rated 0 are left out. */
function best(all: readonly Hit[], rate: (hit: Hit) => number): { hit: Hit; rating: number }[] {
  const byIndex = new Map<number, { hit: Hit; rating: number }>();
  for (const hit of all) {
    const rating = rate(hit);
    if (rating > (byIndex.get(hit.index)?.rating ?? 0)) byIndex.set(hit.index, { hit, rating });
  }
  return [...byIndex.values()].sort((a, b) => b.rating - a.rating);
}

function fit(text: string, name: string): number {
  if (name === text) return 4;
  if (name.startsWith(text)) return 3;
  const at = name.indexOf(text);
  if (at < 0) return 0;
  return /[\p{L}\p{N}]/u.test(name[at - 1]!) ? 1 : 2;
}

/** Twice the pairs of letters that both have, by all pairs (Dice's coefficient). */
function likeness(a: string, b: string): number {
  const pairs = pairsOf(a);
  const others = pairsOf(b);
  const total = pairs.length + others.length;
  if (total === 0) return 0;
  let common = 0;
  for (const pair of pairs) {
    const place = others.indexOf(pair);
    if (place < 0) continue;
    others.splice(place, 1);
    common++;
  }
  return (2 * common) / total;
}

const pairsOf = (text: string): string[] =>
  Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2));
