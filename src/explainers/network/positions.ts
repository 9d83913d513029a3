import type { Graph, Node } from "./graph.js";
import { sizeOf } from "./shapes.js";

/** Positions along one stretch of an input, each sample of it read row by row: every `stride`-th entry. */
export interface Positions {
  readonly kind: "positions";
  /** Which of the model's inputs. */
  readonly input: number;
  readonly stride: number;
  /** How many positions the input has along it. */
  readonly whole: number;
  /** Those that are covered: all but where something was cut off. */
  readonly begin: number;
  readonly length: number;
  /** Over how many places of the layer they are spread. */
  readonly size: number;
  readonly reversed: boolean;
}

/** A factor of an axis: an axis of 64 may hold 4 frames of each of 16 samples. */
type Part =
  | Positions
  | { readonly kind: "batch"; readonly size: number }
  /** Made by the network: its channels, or parts of them. */
  | { readonly kind: "features"; readonly size: number }
  /** Where in the input it lies is not known. */
  | { readonly kind: "lost"; readonly size: number };

/** An axis, from its slowest part to its fastest. */
export type Axis = readonly Part[];

/** The steps of a stretch that something was computed from, where they were taken one by one. */
type Steps = ReadonlyMap<string, { readonly least: number; readonly greatest: number; readonly from: Positions }>;

interface Place {
  readonly axes: readonly Axis[];
  readonly steps: Steps;
}

const fresh = (kind: "features" | "lost", size: number): Axis => (size === 1 ? [] : [{ kind, size }]);

const sameAxis = (a: Axis, b: Axis): boolean => JSON.stringify(a) === JSON.stringify(b);

const isPositions = (part: Part): part is Positions => part.kind === "positions";

const known = new WeakMap<Graph, readonly Place[]>();

/** Where the axes of every node lie in the inputs, found by following the graph; by node id. */
export function placesOf(graph: Graph): readonly Place[] {
  let places = known.get(graph);
  if (places === undefined) {
    const found: Place[] = [];
    for (const node of graph.nodes) found.push(placeOf(node, graph, found));
    places = found;
    known.set(graph, places);
  }
  return places;
}

function placeOf(node: Node, graph: Graph, places: readonly Place[]): Place {
  const { operation, shape } = node;
  if (operation.kind === "input") {
    const input = graph.inputs.indexOf(node.id);
    return { axes: shape.map((size, axis) => inputAxis(shape, axis, size, input)), steps: new Map() };
  }
  const sources = node.inputs.map((id) => ({ ...places[id]!, shape: graph.nodes[id]!.shape }));
  const steps = merged(sources.map((source) => source.steps));
  const first = sources[0]!;
  const lost = { axes: shape.map((size) => fresh("lost", size)), steps };
  const spatial = (): Axis[] =>
    shape.map((size, axis) =>
      first.shape.length === shape.length ? resampled(first.axes[axis]!, size) : fresh("lost", size),
    );
  switch (operation.kind) {
    case "conv2d":
    case "groupedConv2d":
    case "depthwise":
    case "conv2dTranspose":
    case "conv3d":
    case "conv3dTranspose":
    case "dense":
      return { axes: spatial().with(-1, fresh("features", shape.at(-1)!)), steps };
    case "pool":
    case "pool3d":
    case "resize":
      return { axes: spatial(), steps };
    case "lookup":
      return { axes: [...first.axes, fresh("features", shape.at(-1)!)], steps };
    case "reduce": {
      const { axes, keepDims } = operation;
      const kept = first.axes.map((axis, index): Axis => (axes.includes(index) ? [] : axis));
      return { axes: keepDims ? kept : kept.filter((_, index) => !axes.includes(index)), steps };
    }
    case "concat":
      return { axes: joinedAxes(node, sources, operation.axis), steps };
    case "matmul": {
      const [a, b] = sources as [Source, Source];
      const row = a.axes.at(operation.transposeA ? -1 : -2)!;
      const column = b.axes.at(operation.transposeB ? -2 : -1)!;
      const batches = [a, b].map((side) => ({ ...side, axes: side.axes.slice(0, -2), shape: side.shape.slice(0, -2) }));
      return { axes: [...entrywise(shape.slice(0, -2), batches), row, column], steps };
    }
    case "rearrange":
      return rearranged(node, first, steps) ?? lost;
    case "unknown":
      if (!entrywiseKernels.has(operation.kernel)) return lost;
      return { axes: entrywise(shape, sources), steps };
    default:
      return { axes: entrywise(shape, sources), steps };
  }
}

/** Kernels of no kind of their own that leave every entry in its place. */
const entrywiseKernels: ReadonlySet<string> = new Set([
  ...["Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual", "LogicalAnd", "LogicalOr", "LogicalNot"],
  ...[
    "ZerosLike",
    "OnesLike",
    "FloorDiv",
    "Mod",
    "Atan2",
    "SquaredDifference",
    "Floor",
    "Ceil",
    "Round",
    "Sign",
    "Pow",
    "LRN",
    "IsNan",
    "IsFinite",
    "IsInf",
  ],
]);

interface Source extends Place {
  readonly shape: readonly number[];
}

function inputAxis(shape: readonly number[], axis: number, size: number, input: number): Axis {
  if (axis === 0) return [{ kind: "batch", size }];
  if (size === 1) return [];
  const stride = sizeOf(shape.slice(axis + 1));
  return [{ kind: "positions", input, stride, whole: size, begin: 0, length: size, size, reversed: false }];
}

/** The axis at another size, as a window's or an interpolation's: over the same positions. */
function resampled(axis: Axis, size: number): Axis {
  if (axis.reduce((product, part) => product * part.size, 1) === size) return axis;
  const whole = axis.every(isPositions) ? oneStretch(axis) : undefined;
  if (whole !== undefined) return [{ ...whole, size }];
  return fresh(axis.every(({ kind }) => kind === "features") ? "features" : "lost", size);
}

/** Stretches that follow each other as one. */
function oneStretch([slowest, ...faster]: readonly Positions[]): Positions | undefined {
  const isWhole = ({ begin, length, whole, size, reversed }: Positions) =>
    begin === 0 && length === whole && size === whole && !reversed;
  let one = slowest;
  for (const part of faster) {
    const follows = one?.input === part.input && one.stride === part.stride * part.whole;
    if (one === undefined || !follows || !isWhole(one) || !isWhole(part)) return undefined;
    const whole = one.whole * part.whole;
    one = { ...part, whole, length: whole, size: whole };
  }
  return one;
}

/** Axes of what is computed entry by entry, with broadcasting. */
function entrywise(shape: readonly number[], sources: readonly Source[]): Axis[] {
  return shape.map((size, index) => {
    const own = sources.flatMap((source): Axis[] => {
      const axis = index - shape.length + source.axes.length;
      return axis >= 0 && (source.shape[axis] !== 1 || size === 1) ? [source.axes[axis]!] : [];
    });
    const [one, ...others] = own;
    if (one === undefined) return fresh("lost", size);
    return others.every((other) => sameAxis(one, other)) ? one : fresh("lost", size);
  });
}

function joinedAxes({ shape }: Node, sources: readonly Source[], along: number): Axis[] {
  const axes = entrywise(
    shape.map((size, axis) => (axis === along ? 1 : size)),
    sources.map((source) => ({ ...source, axes: source.axes.with(along, []), shape: source.shape.with(along, 1) })),
  );
  const isFeatures = sources.every((source) => source.axes[along]!.every(({ kind }) => kind === "features"));
  const steps = sources.every((source) => source.shape[along] === 1) ? stretchOf(sources) : undefined;
  return axes.with(along, steps ?? fresh(isFeatures ? "features" : "lost", shape[along]!));
}

/** The stretch whose steps went, one after the other, into the sources: what a recurrent layer gives at every step. */
function stretchOf(sources: readonly Source[]): Axis | undefined {
  for (const [key, { from }] of sources[0]!.steps) {
    if (from.size !== sources.length) continue;
    const spans = sources.map(({ steps }) => steps.get(key));
    // Each step depends on those before it; of a layer that goes backwards, on those after it.
    if (spans.every((span, index) => span?.greatest === index)) return [from];
    if (spans.every((span, index) => span?.least === index)) return [from];
    const last = sources.length - 1;
    if (spans.every((span, index) => span?.least === last - index)) return [{ ...from, reversed: true }];
  }
  return undefined;
}

function merged(all: readonly Steps[]): Steps {
  const result = new Map(all[0]);
  for (const steps of all.slice(1)) {
    for (const [key, span] of steps) {
      const before = result.get(key);
      const least = Math.min(span.least, before?.least ?? span.least);
      const greatest = Math.max(span.greatest, before?.greatest ?? span.greatest);
      result.set(key, { ...span, least, greatest });
    }
  }
  return result;
}

function rearranged({ operation, shape }: Node, source: Source, steps: Steps): Place | undefined {
  if (operation.kind !== "rearrange") return undefined;
  const { axes } = source;
  const { attributes } = operation;
  switch (operation.kernel) {
    case "Reshape": {
      const regrouped = regroup(axes.flat(), shape);
      return regrouped && { axes: regrouped, steps };
    }
    case "Transpose":
      return { axes: (attributes["perm"] as number[]).map((axis) => axes[axis]!), steps };
    case "Slice":
      return cut(source, shape, attributes["begin"] as number[], steps);
    case "StridedSlice": {
      const { begin, strides, beginMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes as Record<
        string,
        number[] & number
      >;
      if (ellipsisMask || newAxisMask || shrinkAxisMask || strides!.some((stride) => stride !== 1)) return undefined;
      const from = begin!.map((start, axis) =>
        beginMask! & (1 << axis) ? 0 : start < 0 ? start + source.shape[axis]! : start,
      );
      return cut(source, shape, from, steps);
    }
    case "Reverse": {
      const given = attributes["dims"] as number | ArrayLike<number>;
      const dims = (typeof given === "number" ? [given] : Array.from(given)).map((axis) =>
        axis < 0 ? axis + axes.length : axis,
      );
      return { axes: axes.map((axis, index) => (dims.includes(index) ? backwards(axis) : axis)), steps };
    }
    case "PadV2":
    case "MirrorPad":
    case "ResizeNearestNeighbor":
      return { axes: axes.map((axis, index) => resampled(axis, shape[index]!)), steps };
    case "Tile":
      return {
        axes: axes.map((axis, index) => (source.shape[index] === shape[index] ? axis : fresh("lost", shape[index]!))),
        steps,
      };
    default:
      return undefined;
  }
}

const backwards = (axis: Axis): Axis => {
  const size = axis.reduce((product, part) => product * part.size, 1);
  const [only] = axis;
  if (only === undefined) return axis;
  return axis.length === 1 && isPositions(only) ? [{ ...only, reversed: !only.reversed }] : fresh("lost", size);
};

function cut(source: Source, shape: readonly number[], begin: readonly number[], before: Steps): Place {
  let steps = before;
  const axes = source.axes.map((axis, index): Axis => {
    const size = shape[index]!;
    if (size === source.shape[index]) return axis;
    if (axis.every(({ kind }) => kind === "features")) return fresh("features", size);
    const only = axis.every(isPositions) ? (axis.length === 1 ? (axis[0] as Positions) : oneStretch(axis)) : undefined;
    if (only === undefined) return fresh("lost", size);
    if (size === 1) {
      const step = only.reversed ? only.size - 1 - begin[index]! : begin[index]!;
      const key = [only.input, only.stride, only.whole, only.begin, only.length, only.size].join();
      steps = merged([steps, new Map([[key, { least: step, greatest: step, from: { ...only, reversed: false } }]])]);
      return [];
    }
    const start = only.reversed ? only.size - begin[index]! - size : begin[index]!;
    const each = only.length / only.size;
    return [{ ...only, begin: only.begin + start * each, length: size * each, size }];
  });
  return { axes, steps };
}

/** Deals parts out to the axes of another shape, splitting those that go over an axis's end; `undefined` where they cannot be split. */
function regroup(parts: readonly Part[], shape: readonly number[]): Axis[] | undefined {
  const rest = [...parts];
  const axes: Axis[] = [];
  for (const size of shape) {
    const axis: Part[] = [];
    let left = size;
    while (rest.length > 0 && (left > 1 || rest[0]!.size === 1)) {
      const part = rest.shift()!;
      if (left % part.size === 0) {
        axis.push(part);
        left /= part.size;
        // What has one place only stays with what comes next, save the batch: it may have been one sample that was recorded.
        if (left === 1) break;
        continue;
      }
      const halves = part.size % left === 0 ? split(part, left) : undefined;
      if (halves === undefined) return undefined;
      axis.push(halves[0]);
      rest.unshift(halves[1]);
      left = 1;
    }
    if (left !== 1) return undefined;
    axes.push(axis);
  }
  if (rest.some(({ size }) => size !== 1)) return undefined;
  if (rest.length > 0) axes.push([...(axes.pop() ?? []), ...rest]);
  return axes;
}

/** The first `outer` of a part, and what each of them holds. */
function split(part: Part, outer: number): [Part, Part] | undefined {
  const inner = part.size / outer;
  if (part.kind === "batch") return undefined;
  if (!isPositions(part))
    return [
      { ...part, size: outer },
      { ...part, size: inner },
    ];
  if (part.size !== part.whole || part.reversed) return undefined;
  const of = (stride: number, whole: number): Positions => ({
    ...part,
    stride,
    whole,
    begin: 0,
    length: whole,
    size: whole,
  });
  return [of(part.stride * inner, outer), of(part.stride, inner)];
}
