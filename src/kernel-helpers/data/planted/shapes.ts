/** How deep a point lies inside a shape of circumradius 1 around the origin, negative outside. */
type Depth = (u: number, v: number) => number;

const regular = (corners: number, along: number) =>
  Array.from({ length: corners }, (_, k) => {
    const angle = (2 * Math.PI * k) / corners + along;
    return [Math.cos(angle), Math.sin(angle)] as const;
  });

const triangleNormals = regular(3, Math.PI / 2);
const starNormals = regular(5, Math.PI / 2);
const STAR = Math.cos((2 * Math.PI) / 5);

const shapes = {
  disc: (u, v) => 1 - Math.hypot(u, v),
  square: (u, v) => Math.SQRT1_2 - Math.max(Math.abs(u), Math.abs(v)),
  triangle: (u, v) => {
    let least = Number.POSITIVE_INFINITY;
    for (const normal of triangleNormals) least = Math.min(least, 0.5 - normal[0] * u - normal[1] * v);
    return least;
  },
  cross: (u, v) => {
    const [a, b] = [Math.abs(u), Math.abs(v)];
    return Math.max(Math.min(0.32 - a, 0.95 - b), Math.min(0.95 - a, 0.32 - b));
  },
  // A pentagram's points are beyond one of its five lines at most.
  star: (u, v) => {
    let [least, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const normal of starNormals) {
      const depth = STAR - normal[0] * u - normal[1] * v;
      second = Math.min(second, Math.max(least, depth));
      least = Math.min(least, depth);
    }
    return second;
  },
  ring: (u, v) => {
    const radius = Math.hypot(u, v);
    return Math.min(1 - radius, radius - 0.5);
  },
} as const satisfies Readonly<Record<string, Depth>>;

/** What may lie in a picture: the classes of `planted-objects`, in the order of its outputs. */
export const plantedObjects: readonly string[] = Object.keys(shapes);

const depths: readonly Depth[] = Object.values(shapes);

/** Parts that objects have: an edge in a dark shade of their color, a white dot in the middle of some, and what is between. */
export const partNames = ["body", "rim", "core"] as const;

/** Index of the part at a point of object `index`, −1 outside. */
export function partAt(index: number, u: number, v: number, hasCore: boolean): number {
  const depth = depths[index]!(u, v);
  if (depth < 0) return -1;
  if (hasCore && Math.hypot(u, v) < 0.22) return 2;
  return depth < 0.12 ? 1 : 0;
}
