import { ownWidget } from "../../../comms/states/module.js";
import {
  atomNames,
  itemName,
  itemWords,
  listedItems,
  type MoleculeContent,
  type MoleculeLink,
  type MoleculeViewState,
  moleculeViewState,
  sumWords,
} from "../../../comms/states/molecule-view.js";
import { ParameterError } from "../../../explainers/errors.js";
import { boundPairs } from "../../formats/molecules/bonds.js";
import type { Molecule } from "../../formats/molecules/molecule.js";
import { type StaticPicture, svgFile } from "../../pictures/drawing/static-picture.js";
import { paintSvg } from "../../platform/pictures.js";
import { domWidgetClass } from "../base/layout.js";
import { bestView } from "./best-view.js";
import { moleculePicture } from "./molecule-picture.js";

/** The relevance of two atoms together, by their indexes: of a bond, or of a pair that is not bound. */
export interface BondRelevance {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** What is shown of a molecule. */
export interface MoleculeViewOptions
  extends Partial<
    Pick<MoleculeViewState, "title" | "subtitle" | "quantity" | "unit" | "whole" | "parts" | "numbers" | "limit">
  > {
  /** Relevance of the atoms, one value each. */
  atoms?: ArrayLike<number>;
  /** Relevance of bonds and other pairs. */
  bonds?: readonly BondRelevance[];
  /** What a negative and a positive value mean; default “speaks against”, “speaks for”. */
  ends?: readonly [negative: string, positive: string];
}

/** Up to so many atoms their values are written beside them. */
const FEW = 12;

/**
 * A molecule drawn from its coordinates, its atoms and bonds in the colors of their relevance: turned by dragging or by the arrow keys,
 * with the values, lengths and neighbors of what is pointed at. Bonds are those of the molecule, or, of a geometry without any, the pairs no
 * farther apart than their covalent radii and 0.4 Å. A pair that is not bound is dashed and behind all others, from 5 % of the scale on.
 *
 * @param molecule as `loadMolecules` gives it; none shows an empty widget
 * @throws ParameterError for values that are not one an atom, atoms that do not exist or values that are not finite; TraitError
 * @see K. T. Schütt et al., Nat. Commun. 8 (2017) 13890, for contributions of atoms to an energy
 * @example
 * const { total, atoms } = aniEnergies(networks, molecule);
 * new MoleculeView(molecule, { atoms, whole: total, unit: "hartree", quantity: "energy" })
 */
export class MoleculeView extends domWidgetClass<MoleculeViewState>({
  ...ownWidget("MoleculeView"),
  traits: moleculeViewState,
  constrain(next, names, fail) {
    const count = next.elements.length + next.links.length;
    if (names.has("cursor") && (next.cursor < -1 || next.cursor >= count)) {
      fail("cursor", `an atom or a bond, from 0 to ${count - 1}, or −1`);
    }
    if (names.has("values") && next.values.length > 0 && next.values.length !== next.elements.length) {
      fail("values", `one for each of ${next.elements.length} atoms`);
    }
  },
}) {
  constructor(molecule?: Molecule, options: MoleculeViewOptions = {}) {
    super(molecule === undefined ? looksOf(options) : stateOf(molecule, options));
  }

  /** Shows another molecule, or other values; how it is turned begins anew. @throws ParameterError */
  show(molecule: Molecule, options: MoleculeViewOptions = {}): void {
    this.set({ yaw: 0, pitch: 0, cursor: -1, error: "", ...stateOf(molecule, options) });
  }

  /** What is drawn, with a value for each row, the largest first: for `table` and `saveCsv`. */
  get rows(): { part: string; value: number; unit: string }[] {
    const content = this.#content;
    return listedItems(content).map(({ item, value }) => ({
      part: itemName(content, item),
      value,
      unit: content.unit,
    }));
  }

  /** The drawing as it is shown, with its scale, as an SVG file. */
  toSvg(): string {
    const picture = this.staticPicture();
    if (picture === null) throw new ParameterError("molecule", undefined, "shown, before it can be saved");
    return svgFile(picture, this.toString());
  }

  /**
   * The same as a PNG file.
   *
   * @param options.scale Pixels of the file per CSS pixel; default 2.
   */
  async toPng({ scale = 2 }: { scale?: number } = {}): Promise<Buffer> {
    return paintSvg(this.toSvg(), 72 * scale, "plain");
  }

  override staticPicture(): StaticPicture | null {
    return this.elements.length === 0 && this.error === "" ? null : moleculePicture(this.#content);
  }

  /** In plain text: what it is of, the books, and the largest values. */
  override toString(): string {
    const content = this.#content;
    const top = listedItems(content)
      .slice(0, 5)
      .map(({ item }) => `  ${itemWords(content, item)}`);
    const heading = [this.title.replaceAll("*", ""), this.subtitle, sumWords(content)].filter((part) => part !== "");
    return [`MoleculeView: ${heading.join(" · ") || "nothing to show yet"}`, this.error, ...top]
      .filter((line) => line !== "")
      .join("\n");
  }

  get #content(): MoleculeContent {
    // A widget's traits are no properties of its own.
    const state = Object.fromEntries(
      Object.keys(moleculeViewState).map((name) => [name, this.get(name as keyof MoleculeViewState)]),
    ) as unknown as MoleculeViewState;
    return { ...state, positions: (state.positions?.data as Float32Array | undefined) ?? new Float32Array() };
  }
}

function looksOf({ atoms, bonds, ends, ...looks }: MoleculeViewOptions) {
  if (atoms !== undefined || bonds !== undefined)
    throw new ParameterError("molecule", undefined, "there where values of its atoms or bonds are");
  return { ...looks, ...(ends && { ends: [...ends] }) };
}

/** All traits that a molecule and its values give. */
function stateOf(molecule: Molecule, { atoms, bonds = [], ends = [] as never, ...looks }: MoleculeViewOptions) {
  const { name, elements, positions, flat, charges } = molecule;
  const count = elements.length;
  if (count === 0) throw new ParameterError("molecule", name, "of at least one atom");
  if (atoms !== undefined && atoms.length !== count) {
    throw new ParameterError("atoms", `${atoms.length} values`, `one value for each of the ${count} atoms of ${name}`);
  }
  const values = Array.from(atoms ?? []);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new ParameterError(`atoms[${wrong}]`, values[wrong], "a finite number");
  const drawn = flat ? centered(positions) : bestView(positions);
  const links = linksOf(molecule, bonds);
  const isBoth = values.length > 0 && bonds.length > 0;
  return {
    title: name,
    quantity: "relevance",
    subtitle: "",
    unit: "",
    whole: null,
    limit: null,
    parts: (isBoth ? "atoms" : bonds.length > 0 ? "bonds" : "atoms") as "atoms" | "bonds",
    numbers: count <= FEW,
    ...looks,
    ends: [...ends],
    elements: [...elements],
    positions: { shape: [count, 3], dtype: "float32" as const, data: drawn },
    flat,
    charges: [...charges],
    links,
    values,
  };
}

/** A drawing about its middle. */
function centered(positions: Float32Array): Float32Array {
  const count = positions.length / 3;
  const middle = [0, 1, 2].map(
    (axis) => positions.reduce((sum, v, at) => (at % 3 === axis ? sum + v : sum), 0) / count,
  );
  return positions.map((value, at) => value - middle[at % 3]!);
}

function linksOf(molecule: Molecule, given: readonly BondRelevance[]): MoleculeLink[] {
  const { name, elements, bonds, flat } = molecule;
  const key = (one: number, two: number) => `${Math.min(one, two)} ${Math.max(one, two)}`;
  // Distances on paper say nothing of bonds.
  const known = bonds ?? (flat ? [] : boundPairs(molecule).map((pair) => ({ ...pair, order: 0 })));
  const links = new Map<string, MoleculeLink>(
    known.map(({ from, to, order }) => [key(from, to), { from, to, bound: true, order, value: null }]),
  );
  for (const { from, to, value } of given) {
    if (![from, to].every((atom) => Number.isInteger(atom) && atom >= 0 && atom < elements.length) || from === to) {
      throw new ParameterError("bonds", `${from} to ${to}`, `two of the atoms 0 to ${elements.length - 1} of ${name}`);
    }
    if (!Number.isFinite(value)) throw new ParameterError(`bonds ${from} to ${to}`, value, "a finite number");
    const link = links.get(key(from, to));
    if (link !== undefined && link.value !== null) {
      const names = atomNames(elements);
      throw new ParameterError("bonds", `${names[from]}–${names[to]} twice`, "one value a pair");
    }
    if (link === undefined) links.set(key(from, to), { from, to, bound: false, order: 0, value });
    else link.value = value;
  }
  return [...links.values()];
}
