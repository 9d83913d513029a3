import type { Graph, Node } from "../../network/index.js";
import type { Window } from "../../network/operations/parts/window.js";
import type { RegionBox } from "./reference-samples.js";

/** First and last place. */
type Span = readonly [number, number];
type Area = readonly [rows: Span, columns: Span];

/** Operations that leave every position where it is. */
const POINTWISE: ReadonlySet<string> = new Set([
  ...["activation", "scale", "sum", "product", "quotient", "cast", "concat", "select", "maximum", "minimum", "dense"],
]);

/**
 * The part of the picture that one position of a layer sees: windows of convolutions and pools, followed from the layer to the input. Through
 * a max pool that is its whole window; through an operation that is no window, the whole picture.
 *
 * @param node of the layer's value `[batch, height, width, channels]`; without positions it sees all
 * @param position the index of the position, row by row
 */
export function fieldOf(graph: Graph, node: number, position: number): RegionBox {
  const input = graph.inputs[0]!;
  const seen = new Map<number, Area>();
  const { shape } = graph.nodes[node]!;
  const place: Area | undefined =
    shape.length === 4 ? [same(Math.floor(position / shape[2]!)), same(position % shape[2]!)] : undefined;
  seen.set(node, place ?? all(graph.nodes[node]!));
  for (let id = node; id > input; id--) {
    const area = seen.get(id);
    if (area === undefined) continue;
    const from = graph.nodes[id]!;
    for (const source of from.inputs) {
      const to = graph.nodes[source]!;
      const known = seen.get(source);
      const own = through(from, to, area);
      seen.set(source, known === undefined ? own : [joined(known[0], own[0]), joined(known[1], own[1])]);
    }
  }
  const [rows, columns] = seen.get(input) ?? all(graph.nodes[input]!);
  return { top: rows[0], left: columns[0], height: rows[1] - rows[0] + 1, width: columns[1] - columns[0] + 1 };
}

const same = (place: number): Span => [place, place];
const joined = (a: Span, b: Span): Span => [Math.min(a[0], b[0]), Math.max(a[1], b[1])];

function all({ shape }: Node): Area {
  const [, height = 1, width = 1] = shape.length === 4 ? shape : [];
  return [
    [0, height - 1],
    [0, width - 1],
  ];
}

/** What an area of a node sees of one of its inputs. */
function through({ operation, shape }: Node, to: Node, area: Area): Area {
  if (to.shape.length !== 4 || shape.length !== 4) return all(to);
  if (isWindow(operation)) {
    const { size, strides, dilations, padding } = operation.window;
    return [0, 1].map((axis): Span => {
      const [first, last] = area[axis]!;
      const before = padding[axis]![0];
      const reach = (size[axis]! - 1) * dilations[axis]!;
      const end = to.shape[axis + 1]! - 1;
      const inside = (place: number) => Math.min(Math.max(place, 0), end);
      return [inside(first * strides[axis]! - before), inside(last * strides[axis]! - before + reach)];
    }) as unknown as Area;
  }
  const isPointwise = POINTWISE.has(operation.kind) && [1, 2].every((axis) => to.shape[axis] === shape[axis]);
  return isPointwise ? area : all(to);
}

const WINDOWS: ReadonlySet<string> = new Set(["conv2d", "groupedConv2d", "depthwise", "pool"]);

const isWindow = (operation: Node["operation"]): operation is Node["operation"] & { readonly window: Window } =>
  WINDOWS.has(operation.kind);
