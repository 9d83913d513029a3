type Point = readonly [x: number, y: number];

/** The convex hull of points `[points, 2]`, counterclockwise (Andrew's monotone chain). */
export function hullOf(places: Float32Array): readonly Point[] {
  const sorted = Array.from(
    { length: places.length / 2 },
    (_, at): Point => [places[2 * at]!, places[2 * at + 1]!],
  ).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (points: readonly Point[]) => {
    const chain: Point[] = [];
    for (const point of points) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  const hull = [...half(sorted), ...half(sorted.toReversed())];
  return hull.length === 0 ? sorted.slice(0, 1) : hull;
}

/** How far a point lies beyond a hull; 0 within. */
export function beyondHull(hull: readonly Point[], point: Point): number {
  const edges = hull.map((from, at) => [from, hull[(at + 1) % hull.length]!] as const);
  if (hull.length > 2 && edges.every(([from, to]) => turn(from, to, point) >= 0)) return 0;
  return Math.min(...edges.map(([from, to]) => toSegment(from, to, point)));
}

/** Above 0 where the way over three points turns to the left. */
const turn = (a: Point, b: Point, c: Point): number => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

function toSegment(from: Point, to: Point, point: Point): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / length;
  const share = Math.min(Math.max(along, 0), 1);
  return Math.hypot(point[0] - from[0] - share * dx, point[1] - from[1] - share * dy);
}
