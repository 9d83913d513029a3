import { formatSigned } from "../format.js";
import { colorOf } from "./colors.js";
import { itemName, type MoleculeContent, shownLimit, shownParts, shownValue } from "./molecule-view.js";

/** What a molecule is drawn of, from the farthest to the nearest; `item` says which atom or link it is of. */
export type MoleculeMark =
  | {
      kind: "line";
      item: number;
      from: readonly [x: number, y: number];
      to: readonly [x: number, y: number];
      width: number;
      /** Null: as letters are. */
      color: string | null;
      dashed: boolean;
    }
  | { kind: "circle"; item: number; x: number; y: number; radius: number; color: string | null }
  /** A symbol within its circle; `dark` says whether it is dark in every theme, light, or as letters are (null). */
  | { kind: "symbol"; item: number; x: number; y: number; words: string; size: number; dark: boolean | null }
  | { kind: "number"; item: number; x: number; y: number; words: string };

export interface MoleculeDrawing {
  width: number;
  height: number;
  marks: MoleculeMark[];
  /** How far from the middle of a line it is still pointed at. */
  reach: number;
}

/** Size of letters of numbers beside atoms and bonds. */
export const NUMBER_SIZE = 11;

/** Pairs that are not bound are drawn from this share of the end colors on. */
const FAINT = 0.05;
const MARGIN = 44;
const LEAST_HEIGHT = 170;
const MOST_HEIGHT = 340;
/** A bond is at most so long, in pixels. */
const BOND = 84;

/** Draws a molecule that wide: atoms in the colors of their values, bonds in theirs, turned as the state says. */
export function moleculeDrawing(content: MoleculeContent, width: number): MoleculeDrawing {
  const { elements, links, numbers } = content;
  const count = elements.length;
  const straight = places(content, 0, 0);
  const unit = fitted(straight, width, MOST_HEIGHT, bondLength(content));
  const height = Math.min(
    MOST_HEIGHT,
    Math.max(LEAST_HEIGHT, unit * (extent(straight, 1)[1] - extent(straight, 1)[0]) + 2 * MARGIN),
  );
  const turned = places(content, content.yaw, content.pitch);
  const scale = Math.min(unit, fitted(turned, width, height, bondLength(content)));
  const [middleX, middleY] = [middle(turned, 0), middle(turned, 1)];
  const at = turned.map(([x, y, z]) => ({
    x: width / 2 + scale * (x - middleX),
    y: height / 2 - scale * (y - middleY),
    z,
  }));
  const radius = Math.min(17, Math.max(8, 0.24 * scale * bondLength(content)));
  const radiusOf = (atom: number) => (elements[atom] === "H" ? 0.76 * radius : radius);
  const limit = shownLimit(content);
  const share = (value: number) => (limit > 0 ? Math.min(1, Math.max(-1, value / limit)) : 0);
  const colored = (value: number | null) => (value === null ? null : `rgb(${colorOf(share(value), true).join(", ")})`);
  const parts = shownParts(content);

  const layered: { z: number; marks: MoleculeMark[] }[] = [];
  links.forEach((link, index) => {
    const item = count + index;
    const value = shownValue(content, item);
    if (!link.bound && (value === null || limit === 0 || Math.abs(value) < FAINT * limit)) return;
    const [from, to] = [at[link.from]!, at[link.to]!];
    const color = colored(value);
    const thick =
      value === null
        ? link.bound
          ? 2.2
          : 1.4
        : link.bound
          ? 3 + 5 * Math.abs(share(value))
          : 1 + 3 * Math.abs(share(value));
    const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
    const [acrossX, acrossY] = [-(to.y - from.y) / length, (to.x - from.x) / length];
    const lines = link.order === 3 ? [-1, 0, 1] : link.order === 2 || link.order === 1.5 ? [-0.5, 0.5] : [0];
    const apart = thick + 2.5;
    const marks = lines.map((line, place): MoleculeMark => {
      const [dx, dy] = [acrossX * apart * line, acrossY * apart * line];
      return {
        ...{ kind: "line", item, from: [from.x + dx, from.y + dy], to: [to.x + dx, to.y + dy], color },
        width: lines.length > 1 && value !== null ? Math.max(2, thick / lines.length + 1) : thick,
        dashed: !link.bound || (link.order === 1.5 && place === 1),
      };
    });
    if (numbers && value !== null && link.bound) {
      marks.push({
        ...{ kind: "number", item, x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 },
        words: formatSigned(value),
      });
    }
    // Behind both of its atoms, before what is farther than them; a pair that is not bound behind all, since it may cross bonds.
    layered.push({ z: link.bound ? Math.min(from.z, to.z) - 1e-3 : Number.NEGATIVE_INFINITY, marks });
  });
  const center = { x: width / 2, y: height / 2 };
  elements.forEach((element, atom) => {
    const { x, y, z } = at[atom]!;
    const value = shownValue(content, atom);
    const charge = content.charges.find(([charged]) => charged === atom)?.[1] ?? 0;
    const r = radiusOf(atom);
    const marks: MoleculeMark[] = [
      { kind: "circle", item: atom, x, y, radius: r, color: colored(value) },
      {
        ...{ kind: "symbol", item: atom, x, y, words: element + chargeWords(charge), size: Math.max(9, 0.88 * r) },
        dark: value === null ? null : Math.abs(share(value)) < 0.62,
      },
    ];
    if (numbers && value !== null) {
      const near = links
        .filter(({ bound, from, to }) => bound && (from === atom || to === atom))
        .map(({ from, to }) => at[from === atom ? to : from]!);
      const [ox, oy] = outward(at[atom]!, near, center);
      const words = formatSigned(value);
      // Letters are wider than high: beside an atom they need more room than below it.
      const half = 3.2 * words.length;
      marks.push({
        ...{ kind: "number", item: atom, words },
        x: Math.min(width - half - 2, Math.max(half + 2, x + ox * (r + 4 + half))),
        y: y + oy * (r + 10),
      });
    }
    layered.push({ z, marks });
  });
  layered.sort((a, b) => a.z - b.z);
  const marks = layered.flatMap((one) => one.marks);
  // Numbers lie above all.
  const isNumber = (mark: MoleculeMark) => mark.kind === "number";
  return {
    width,
    height,
    reach: parts === "atoms" ? 0 : 9,
    marks: [...marks.filter((mark) => !isNumber(mark)), ...marks.filter(isNumber)],
  };
}

/** The text alternative of a drawing. */
export function drawingWords(content: MoleculeContent): string {
  const { elements, links } = content;
  const bonds = links.filter(({ bound }) => bound).length;
  const named = (count: number, name: string) => `${count} ${name}${count === 1 ? "" : "s"}`;
  const parts = Array.from({ length: elements.length + links.length }, (_, item) => {
    const value = shownValue(content, item);
    return value === null ? null : `${itemName(content, item)} ${formatSigned(value)}`;
  }).filter((part) => part !== null);
  const shown = parts.length === 0 ? "" : `: ${parts.slice(0, 40).join(", ")}${parts.length > 40 ? ", …" : ""}`;
  return `${named(elements.length, "atom")}, ${named(bonds, "bond")}${shown}`;
}

/** Coordinates turned about the vertical axis by `yaw`, then about the horizontal one by `pitch`, in degrees. */
function places({ positions, flat }: MoleculeContent, yaw: number, pitch: number): [number, number, number][] {
  const [a, b] = flat ? [0, 0] : [(Math.PI * yaw) / 180, (Math.PI * pitch) / 180];
  return Array.from({ length: positions.length / 3 }, (_, atom) => {
    const [x, y, z] = [positions[3 * atom]!, positions[3 * atom + 1]!, positions[3 * atom + 2]!];
    const [turnedX, depth] = [Math.cos(a) * x + Math.sin(a) * z, -Math.sin(a) * x + Math.cos(a) * z];
    return [turnedX, Math.cos(b) * y - Math.sin(b) * depth, Math.sin(b) * y + Math.cos(b) * depth];
  });
}

const extent = (all: readonly (readonly number[])[], axis: number): [low: number, high: number] => [
  Math.min(...all.map((place) => place[axis]!)),
  Math.max(...all.map((place) => place[axis]!)),
];

function middle(all: readonly (readonly number[])[], axis: number): number {
  const [low, high] = extent(all, axis);
  return (low + high) / 2;
}

/** Pixels for a unit of length, so that all atoms are within the margins. */
function fitted(all: readonly (readonly number[])[], width: number, height: number, bond: number): number {
  const [wide, high] = [0, 1].map((axis) => {
    const [from, to] = extent(all, axis);
    return to - from;
  });
  return Math.min(BOND / bond, (width - 2 * MARGIN) / (wide || 1e-9), (height - 2 * MARGIN) / (high || 1e-9));
}

/** The middle one of the lengths of bonds; 1 where there are none. */
function bondLength({ links, positions }: MoleculeContent): number {
  const lengths = links
    .filter(({ bound }) => bound)
    .map(({ from, to }) =>
      Math.hypot(...[0, 1, 2].map((axis) => positions[3 * to + axis]! - positions[3 * from + axis]!)),
    )
    .sort((a, b) => a - b);
  return lengths[lengths.length >> 1] || 1;
}

/** The middle of the widest gap between what is bound to an atom, where its number has room. */
function outward(
  own: { x: number; y: number },
  near: readonly { x: number; y: number }[],
  center: { x: number; y: number },
): [x: number, y: number] {
  const angles = near.map(({ x, y }) => Math.atan2(y - own.y, x - own.x)).sort((a, b) => a - b);
  if (angles.length === 0) return [0, own.y < center.y - 1 ? -1 : 1];
  let [widest, middleOf] = [0, 0];
  for (const [place, angle] of angles.entries()) {
    const gap = (angles[place + 1] ?? angles[0]! + 2 * Math.PI) - angle;
    // Of equal gaps the first: rounding must not choose another one each time.
    if (gap > widest + 1e-6) [widest, middleOf] = [gap, angle + gap / 2];
  }
  return [Math.cos(middleOf), Math.sin(middleOf)];
}

const chargeWords = (charge: number): string => {
  if (charge === 0) return "";
  const size = Math.abs(charge) === 1 ? "" : String(Math.abs(charge));
  return [...size].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]!).join("") + (charge > 0 ? "⁺" : "⁻");
};
