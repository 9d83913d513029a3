import { colorize, colorTable, groundGray } from "../../comms/states/colors.js";
import { cutIndexes, extentOf, indexOf, type Plane, placeOf, sizeOf, voxelAt } from "../../comms/states/slices.js";
import { element } from "../parts/dom.js";
import { writes } from "../parts/lock.js";
import { onSize } from "../parts/size.js";

/** What a cut shows. */
export interface PlaneContent {
  /** Voxels along z, y and x. */
  shape: readonly number[];
  voxel: readonly number[];
  cursor: readonly number[];
  ground: Uint8Array | null;
  values: Float32Array;
  /** Magnitudes below are hidden. */
  cutoff: number;
  limit: number;
  signed: boolean;
  opacity: number;
}

interface PlaneListeners {
  /** The voxel that is pointed at; null: none. */
  read(voxel: readonly number[] | null): void;
  /** A press, a drag, or a key: the cuts are to meet there. */
  move(voxel: readonly number[]): void;
}

interface PlaneView {
  element: HTMLElement;
  /** Paints in the next animation frame. */
  set(content: PlaneContent): void;
  /** Frames the voxel that is pointed at in any cut of this plane; null: none. */
  point(voxel: readonly number[] | null): void;
  dispose(): void;
}

const KEYS =
  "arrow keys move the cross, Page Up and Page Down go through the slices, Home and End go to the highest and the lowest value";

const tables = new Map<string, Uint32Array>();
function table(signed: boolean, veil: boolean): Uint32Array {
  const key = `${signed} ${veil}`;
  const made = tables.get(key) ?? colorTable(signed, veil);
  tables.set(key, made);
  return made;
}

const canvasOf = (columns: number, rows: number): HTMLCanvasElement => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  return canvas;
};

/** One cut of one map on a canvas: voxels as squares, in the proportions of their size. */
export function planeView(plane: Plane, label: string, listeners: PlaneListeners): PlaneView {
  const name = `${label}, ${plane.name}`;
  const canvas = element("canvas", {
    class: "limpid-slice-canvas",
    tabindex: 0,
    role: "application",
    "aria-label": `${name}: ${KEYS}`,
  });
  writes(canvas, "cursor");
  const line = (way: string) => element("div", { class: `limpid-slice-line limpid-slice-${way}` });
  const [across, down] = [line("across"), line("down")];
  const frame = element("div", { class: "limpid-slice-pointed", hidden: true });
  const edge = (side: keyof Plane["edges"]) =>
    element("span", { class: `limpid-slice-edge limpid-slice-${side}`, "aria-hidden": "true" }, plane.edges[side]);
  const box = element(
    "div",
    { class: "limpid-slice-plane", "data-plane": plane.name },
    ...[canvas, across, down, frame],
    ...(["left", "right", "top", "bottom"] as const).map(edge),
  );

  let content: PlaneContent | null = null;
  let request = 0;
  const paint = () => {
    request = 0;
    if (content === null) return;
    if (canvas.clientWidth === 0) return sized.again();
    const scale = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(canvas.clientWidth * scale));
    const height = Math.max(1, Math.round(canvas.clientHeight * scale));
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = false;
    const { shape, cursor, ground, values, cutoff, limit, signed, opacity } = content;
    const indexes = cutIndexes(shape, plane, cursor);
    const [rows, columns] = sizeOf(shape, plane);
    const draw = (fill: (data: ImageData) => void, alpha: number) => {
      const slice = canvasOf(columns, rows);
      const small = slice.getContext("2d")!;
      const image = small.createImageData(columns, rows);
      fill(image);
      small.putImageData(image, 0, 0);
      context.globalAlpha = alpha;
      context.drawImage(slice, 0, 0, width, height);
    };
    if (ground !== null) {
      draw(({ data }) => {
        for (let at = 0; at < indexes.length; at++) {
          const gray = ground[indexes[at]!]!;
          data.fill(groundGray(gray, gray, gray), 4 * at, 4 * at + 3);
          data[4 * at + 3] = 255;
        }
      }, 1);
    }
    draw(
      ({ data }) => {
        const slice = Float32Array.from(indexes, (at) => values[at]!);
        const words = new Uint32Array(data.buffer);
        colorize(slice, limit, signed, table(signed, ground !== null), words);
        for (let at = 0; at < slice.length; at++) if (!(Math.abs(slice[at]!) >= cutoff)) words[at] = 0;
      },
      ground === null ? 1 : opacity,
    );
  };
  const sized = onSize(canvas, () => schedule());
  function schedule() {
    if (request === 0) request = requestAnimationFrame(paint);
  }

  /** The voxel under the pointer. */
  const under = ({ clientX, clientY }: MouseEvent): number[] | null => {
    if (content === null) return null;
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const [rows, columns] = sizeOf(content.shape, plane);
    const place = (share: number, count: number) => Math.min(Math.max(Math.floor(share * count), 0), count - 1);
    const at: [number, number] = [place((clientY - top) / height, rows), place((clientX - left) / width, columns)];
    return voxelAt(content.shape, plane, content.cursor, at);
  };
  const go = (voxel: readonly number[] | null) => {
    if (voxel !== null) listeners.move(voxel);
  };
  let dragged = false;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    dragged = true;
    canvas.setPointerCapture(event.pointerId);
    go(under(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (dragged) go(under(event));
    listeners.read(under(event));
  });
  canvas.addEventListener("pointerup", () => {
    dragged = false;
  });
  canvas.addEventListener("pointercancel", () => {
    dragged = false;
  });
  canvas.addEventListener("pointerleave", () => listeners.read(null));

  /** The voxel of the highest value (1) or the lowest (−1). */
  const extreme = (sign: 1 | -1): number[] | null => {
    if (content === null) return null;
    const { values, shape } = content;
    let best = -1;
    for (let at = 0; at < values.length; at++) {
      if (Number.isFinite(values[at]) && (best < 0 || sign * values[at]! > sign * values[best]!)) best = at;
    }
    const [, rows, columns] = shape as [number, number, number];
    return best < 0 ? null : [best % columns, Math.floor(best / columns) % rows, Math.floor(best / (columns * rows))];
  };
  const stepped = (key: string): number[] | null => {
    if (content === null) return null;
    const { shape, cursor } = content;
    const [row, column] = placeOf(shape, plane, cursor);
    const [rows, columns] = sizeOf(shape, plane);
    const to = (y: number, x: number) =>
      voxelAt(shape, plane, cursor, [Math.min(Math.max(y, 0), rows - 1), Math.min(Math.max(x, 0), columns - 1)]);
    const through = (step: number) => {
      const last = shape[2 - plane.normal]! - 1;
      const voxel = [...cursor];
      voxel[plane.normal] = Math.min(Math.max(voxel[plane.normal]! + step, 0), last);
      return voxel;
    };
    switch (key) {
      case "ArrowLeft":
        return to(row, column - 1);
      case "ArrowRight":
        return to(row, column + 1);
      case "ArrowUp":
        return to(row - 1, column);
      case "ArrowDown":
        return to(row + 1, column);
      case "PageUp":
        return through(1);
      case "PageDown":
        return through(-1);
      case "Home":
        return extreme(1);
      case "End":
        return extreme(-1);
      default:
        return null;
    }
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const voxel = stepped(event.key);
    if (voxel === null) return;
    event.preventDefault();
    go(voxel);
  });

  return {
    element: box,
    set(next) {
      content = next;
      const { shape, voxel, cursor, cutoff, values } = next;
      const [tall, wide] = extentOf(shape, voxel, plane);
      canvas.style.aspectRatio = `${wide} / ${tall}`;
      const [rows, columns] = sizeOf(shape, plane);
      const [row, column] = placeOf(shape, plane, cursor);
      across.style.top = `${(100 * (row + 0.5)) / rows}%`;
      down.style.left = `${(100 * (column + 0.5)) / columns}%`;
      const value = values[indexOf(shape, cursor)]!;
      box.classList.toggle("limpid-slice-hides", !(Math.abs(value) >= cutoff));
      box.classList.toggle("limpid-slice-bare", next.ground === null);
      schedule();
    },
    point(voxel) {
      const inPlane = voxel !== null && content !== null && voxel[plane.normal] === content.cursor[plane.normal];
      frame.hidden = !inPlane;
      if (!inPlane || content === null) return;
      const [rows, columns] = sizeOf(content.shape, plane);
      const [row, column] = placeOf(content.shape, plane, voxel);
      Object.assign(frame.style, {
        left: `${(100 * column) / columns}%`,
        top: `${(100 * row) / rows}%`,
        width: `${100 / columns}%`,
        height: `${100 / rows}%`,
      });
    },
    dispose() {
      sized.end();
      cancelAnimationFrame(request);
    },
  };
}
