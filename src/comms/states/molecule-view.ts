import { formatFixed, formatNumber, formatPercent, formatSigned } from "../format.js";
import { floats } from "./array.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text, viewed } from "./traits.js";

/** Two atoms that are bound, or that have a value together, by their indexes. */
export interface MoleculeLink {
  from: number;
  to: number;
  bound: boolean;
  /** 1 single, 2 double, 3 triple, 1.5 aromatic; 0 where nobody says. */
  order: number;
  /** Its relevance; null where it has none. */
  value: number | null;
}

/** Which parts have the colors, and stand in the list. */
export type MoleculeParts = "atoms" | "bonds" | "both";

/** A molecule as it is drawn from its coordinates, with the relevance of its atoms and bonds. */
export const moleculeViewState = {
  title: text(),
  subtitle: text(),
  elements: list(text()),
  /** `[atoms, 3]`: x to the right, y upwards, z towards the reader; in ångström, or as drawn where it is flat. */
  positions: floats(),
  /** Whether the places are a drawing in the plane: it is not turned, and has no lengths. */
  flat: flag(),
  /** Formal charges, in units of e, by atom. */
  charges: data<[atom: number, charge: number][]>([]),
  links: data<MoleculeLink[]>([]),
  /** One value an atom; empty where they have none. */
  values: list(number()),
  /** What the values are: “energy”. */
  quantity: text("relevance"),
  unit: text(),
  /** What the parts are parts of, in the same unit. */
  whole: nullable(number()),
  /** What a negative and a positive value mean; empty for what the signs of relevance mean. */
  ends: list(text()),
  parts: viewed(choice<MoleculeParts>("atoms", "bonds", "both")),
  /** Whether values are written into the drawing. */
  numbers: viewed(flag()),
  /** The value of the end colors; null takes the largest of what is shown. */
  limit: viewed(nullable(number())),
  /** Degrees by which it is turned about the vertical and then the horizontal axis. */
  yaw: viewed(number()),
  pitch: viewed(number()),
  /** What is pointed at: an atom, or behind them a link; −1 for nothing. An echo would throw one that has moved on back to where it was. */
  cursor: viewed({ ...integer(-1), echoed: false }),
  /** What went wrong, shown in the drawing's place; empty when nothing did. */
  error: text(),
};

export interface MoleculeViewState extends StateOf<typeof moleculeViewState> {}

/** What words and drawings are made of: the state, with its positions as numbers. */
export type MoleculeContent = Omit<MoleculeViewState, "positions"> & { positions: ArrayLike<number> };

/** “C1”, “C2”, “H1”: elements counted one by one. */
export function atomNames(elements: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return elements.map((element) => {
    const count = (counts.get(element) ?? 0) + 1;
    counts.set(element, count);
    return `${element}${count}`;
  });
}

/** The name of an atom, or of a link, by its place behind the atoms: “C1–O1”. */
export function itemName({ elements, links }: MoleculeContent, item: number): string {
  const names = atomNames(elements);
  const link = links[item - elements.length];
  return link === undefined ? (names[item] ?? "") : `${names[link.from]}–${names[link.to]}`;
}

export const hasAtomValues = ({ values }: Pick<MoleculeContent, "values">): boolean => values.length > 0;
export const hasBondValues = ({ links }: Pick<MoleculeContent, "links">): boolean =>
  links.some(({ value }) => value !== null);

/** Which parts have colors: as chosen, where both have values. */
export function shownParts(content: Pick<MoleculeContent, "values" | "links" | "parts">): MoleculeParts {
  const [atoms, bonds] = [hasAtomValues(content), hasBondValues(content)];
  return atoms && bonds ? content.parts : bonds ? "bonds" : "atoms";
}

/** The value of an atom or a link; null where it has none or is not shown in colors. */
export function shownValue(content: MoleculeContent, item: number): number | null {
  const parts = shownParts(content);
  const count = content.elements.length;
  if (item < count) return parts === "bonds" ? null : (content.values[item] ?? null);
  return parts === "atoms" ? null : (content.links[item - count]?.value ?? null);
}

/** What has a value and is shown: the largest first. */
export function listedItems(content: MoleculeContent): { item: number; value: number }[] {
  const all = Array.from({ length: content.elements.length + content.links.length }, (_, item) => ({
    item,
    value: shownValue(content, item),
  })).filter((one): one is { item: number; value: number } => one.value !== null);
  return all.sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || a.item - b.item);
}

/** The value of the end colors: as it is held, or the largest of what is shown. */
export const shownLimit = (content: MoleculeContent): number =>
  content.limit ?? Math.max(0, ...listedItems(content).map(({ value }) => Math.abs(value)));

/** A value with its sign and unit: “−152 kcal/mol”. */
const valueWords = (value: number, unit: string, digits = 3): string =>
  unit === "" ? formatSigned(value, digits) : `${formatSigned(value, digits)} ${unit}`;

const orders = new Map([
  [1, "single bond"],
  [1.5, "aromatic bond"],
  [2, "double bond"],
  [3, "triple bond"],
]);

/** What is known of an atom or a link, in one line. */
export function itemWords(content: MoleculeContent, item: number): string {
  const { elements, links, values, unit, flat, charges, positions } = content;
  const names = atomNames(elements);
  const link = links[item - elements.length];
  if (item < 0 || item >= elements.length + links.length) return "";
  const value = link === undefined ? (values[item] ?? null) : link.value;
  const said = value === null ? [] : [valueWords(value, unit, 4), shareWords(content, item, value)];
  if (link !== undefined) {
    const length = Math.hypot(
      ...[0, 1, 2].map((axis) => positions[3 * link.to + axis]! - positions[3 * link.from + axis]!),
    );
    const kind = link.bound ? (orders.get(link.order) ?? "bond") : "not bound";
    return [itemName(content, item), ...said, kind, flat ? "" : `${formatFixed(length, 2)} Å`]
      .filter((part) => part !== "")
      .join(" · ");
  }
  const neighbors = links
    .filter(({ bound, from, to }) => bound && (from === item || to === item))
    .map(({ from, to }) => names[from === item ? to : from]!);
  const charge = charges.find(([atom]) => atom === item)?.[1] ?? 0;
  return [
    itemName(content, item),
    ...said,
    charge === 0 ? "" : `charge ${formatSigned(charge, 1)} e`,
    neighbors.length === 0 ? "bound to nothing" : `bound to ${neighbors.join(", ")}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

/** Its share of the sum, where all values have one sign: else a share would say nothing. */
function shareWords({ elements, values, links }: MoleculeContent, item: number, value: number): string {
  const all = item < elements.length ? values : links.flatMap((link) => (link.value === null ? [] : [link.value]));
  const sum = all.reduce((total, one) => total + one, 0);
  if (all.length < 2 || sum === 0 || all.some((one) => one * sum < 0)) return "";
  return `${formatPercent(value / sum)} of the sum`;
}

/** The books: what the shown parts add up to, and what of the whole belongs to none of them. */
export function sumWords(content: MoleculeContent): string {
  const { values, links, unit, whole } = content;
  const parts = shownParts(content);
  const bonds = links.flatMap(({ value }) => (value === null ? [] : [value]));
  const shown = parts === "bonds" ? bonds : values;
  if (shown.length === 0) return "";
  const sumOf = (all: readonly number[]) => all.reduce((total, value) => total + value, 0);
  const sum = sumOf(shown);
  const measured = (value: number) => `${formatNumber(value, 4)}${unit === "" ? "" : ` ${unit}`}`;
  const pairs = links.some(({ bound, value }) => !bound && value !== null) ? "pairs" : "bonds";
  const name = parts === "bonds" ? pairs : "atoms";
  // They may be two ways to share out the same whole: nobody adds them.
  if (parts === "both") return `atoms sum to ${measured(sum)}, ${pairs} to ${measured(sumOf(bonds))}`;
  if (whole === null) return `${name} sum to ${measured(sum)}`;
  const rest = whole - sum;
  const size = Math.max(Math.abs(whole), ...shown.map(Math.abs));
  const left = Math.abs(rest) <= 1e-6 * size ? "" : ` · rest ${measured(rest)}`;
  return `${name} sum to ${formatNumber(sum, 4)} of ${measured(whole)}${left}`;
}
