/** Directions that are tried: about six degrees from one to the next. */
const DIRECTIONS = 400;

/**
 * Coordinates as they are seen from where the atoms hide each other least: turned, never mirrored, about their middle, the longest
 * side lying. Of the directions of a spiral over the half sphere that one is taken from which the atoms' places on paper would repel each
 * other least (by 1/d²).
 *
 * @param positions `[atoms, 3]`, x, y, z
 * @returns `[atoms, 3]`: x to the right, y upwards, z towards the reader
 */
export function bestView(positions: ArrayLike<number>): Float32Array {
  const count = positions.length / 3;
  const middle = [0, 1, 2].map((axis) => {
    let sum = 0;
    for (let atom = 0; atom < count; atom++) sum += positions[3 * atom + axis]!;
    return sum / count;
  });
  const centered = Float64Array.from(positions, (value, at) => value - middle[at % 3]!);
  let best = { score: Number.POSITIVE_INFINITY, axes: axesOf([0, 0, 1]) };
  for (let step = 0; step < DIRECTIONS; step++) {
    const z = 1 - (step + 0.5) / DIRECTIONS;
    const turn = step * Math.PI * (3 - Math.sqrt(5));
    const flat = Math.sqrt(1 - z * z);
    const axes = axesOf([flat * Math.cos(turn), flat * Math.sin(turn), z]);
    const score = crowding(centered, axes);
    if (score < best.score) best = { score, axes };
  }
  const seen = new Float64Array(3 * count);
  for (let atom = 0; atom < count; atom++) {
    for (let axis = 0; axis < 3; axis++) seen[3 * atom + axis] = dot(best.axes[axis]!, centered, atom);
  }
  return Float32Array.from(laid(seen));
}

type Vector = readonly [x: number, y: number, z: number];

const dot = (axis: Vector, positions: Float64Array, atom: number): number =>
  axis[0] * positions[3 * atom]! + axis[1] * positions[3 * atom + 1]! + axis[2] * positions[3 * atom + 2]!;

const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

const unit = (vector: Vector): Vector => vector.map((value) => value / Math.hypot(...vector)) as unknown as Vector;

/** A right-handed frame whose third axis points to the reader. */
function axesOf(towards: Vector): readonly [Vector, Vector, Vector] {
  const across = unit(cross(Math.abs(towards[1]) < 0.9 ? [0, 1, 0] : [1, 0, 0], towards));
  return [across, cross(towards, across), towards];
}

/** How much places on paper would repel each other. */
function crowding(positions: Float64Array, [x, y]: readonly [Vector, Vector, Vector]): number {
  const count = positions.length / 3;
  const places = new Float64Array(2 * count);
  for (let atom = 0; atom < count; atom++) {
    places[2 * atom] = dot(x, positions, atom);
    places[2 * atom + 1] = dot(y, positions, atom);
  }
  let sum = 0;
  for (let one = 0; one < count; one++) {
    for (let two = one + 1; two < count; two++) {
      const distance = (places[2 * one]! - places[2 * two]!) ** 2 + (places[2 * one + 1]! - places[2 * two + 1]!) ** 2;
      sum += 1 / (distance + 0.01);
    }
  }
  return sum;
}

/** Turned in the plane of the paper, so that it spreads farthest from left to right. */
function laid(positions: Float64Array): Float64Array {
  let [xx, xy, yy] = [0, 0, 0];
  for (let at = 0; at < positions.length; at += 3) {
    const [x, y] = [positions[at]!, positions[at + 1]!];
    [xx, xy, yy] = [xx + x * x, xy + x * y, yy + y * y];
  }
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turned = positions.slice();
  for (let at = 0; at < positions.length; at += 3) {
    turned[at] = cos * positions[at]! + sin * positions[at + 1]!;
    turned[at + 1] = cos * positions[at + 1]! - sin * positions[at]!;
  }
  return turned;
}
