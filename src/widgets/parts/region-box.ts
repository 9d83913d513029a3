import { element } from "./dom.js";

/** A part of a picture, in its rows and columns. */
export interface Region {
  top: number;
  left: number;
  height: number;
  width: number;
}

export interface RegionBox {
  /** Lies over the picture, which it takes the size of. */
  element: HTMLElement;
  /** The picture's rows and columns, and the region that is chosen. */
  set(rows: number, columns: number, region: Region | null): void;
}

/** Chooses a part of a picture: by dragging, by a click (a small part around it), by arrow keys; with Shift they change its size. */
export function regionBox(
  label: string,
  onChoose: (region: Region | null) => void,
  { final = false }: { /** Tells only what is chosen in the end, not while it is dragged. */ final?: boolean } = {},
): RegionBox {
  const layer = element("div", {
    class: "limpid-region-layer",
    tabindex: 0,
    role: "application",
    "aria-label": `${label}: drag, or arrow keys move the region, with Shift they change its size, Escape lets go of it`,
  });
  const frame = element("div", { class: "limpid-region-frame", hidden: true });
  const status = element("span", { class: "limpid-region-status", role: "status" });
  layer.append(frame, status);
  let [rows, columns] = [1, 1];
  let chosen: Region | null = null;
  let start: [number, number] | null = null;

  const draw = () => {
    frame.hidden = chosen === null;
    if (chosen === null) return;
    Object.assign(frame.style, {
      top: `${(100 * chosen.top) / rows}%`,
      left: `${(100 * chosen.left) / columns}%`,
      height: `${(100 * chosen.height) / rows}%`,
      width: `${(100 * chosen.width) / columns}%`,
    });
  };
  const choose = (region: Region | null, tell = true) => {
    chosen = region;
    draw();
    if (tell) onChoose(region);
  };
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  const placeOf = (event: PointerEvent): [number, number] => {
    const box = layer.getBoundingClientRect();
    return [
      clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), 0, rows - 1),
      clamp(Math.floor(((event.clientX - box.left) / box.width) * columns), 0, columns - 1),
    ];
  };
  /** A part of an eighth of the picture around a place. */
  const around = ([row, column]: [number, number]): Region => {
    const [height, width] = [Math.max(1, Math.round(rows / 8)), Math.max(1, Math.round(columns / 8))];
    return {
      top: clamp(row - Math.floor(height / 2), 0, rows - height),
      left: clamp(column - Math.floor(width / 2), 0, columns - width),
      height,
      width,
    };
  };
  const between = ([r0, c0]: [number, number], [r1, c1]: [number, number]): Region => ({
    top: Math.min(r0, r1),
    left: Math.min(c0, c1),
    height: Math.abs(r1 - r0) + 1,
    width: Math.abs(c1 - c0) + 1,
  });
  layer.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = placeOf(event);
    layer.setPointerCapture(event.pointerId);
  });
  layer.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const place = placeOf(event);
    if (place[0] !== start[0] || place[1] !== start[1]) choose(between(start, place), !final);
  });
  layer.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const place = placeOf(event);
    const isClick = place[0] === start[0] && place[1] === start[1];
    choose(isClick ? around(place) : between(start, place));
    start = null;
  });
  layer.addEventListener("pointercancel", () => {
    start = null;
  });
  layer.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Record<string, [number, number]> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    };
    const step = steps[event.key];
    if (step !== undefined) {
      const by = Math.max(1, Math.round(Math.max(rows, columns) / 56));
      const [down, right] = [step[0] * by, step[1] * by];
      const from = chosen ?? around([Math.floor(rows / 2), Math.floor(columns / 2)]);
      const { top, left, height, width } = from;
      const next = event.shiftKey
        ? { top, left, height: clamp(height + down, 1, rows - top), width: clamp(width + right, 1, columns - left) }
        : { height, width, top: clamp(top + down, 0, rows - height), left: clamp(left + right, 0, columns - width) };
      choose(chosen === null ? from : next);
      const { top: y, left: x, height: h, width: w } = chosen!;
      status.textContent = `rows ${y} to ${y + h - 1}, columns ${x} to ${x + w - 1}`;
    } else if (event.key === "Escape" && chosen !== null) choose(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return {
    element: layer,
    set(height, width, region) {
      [rows, columns] = [Math.max(1, height), Math.max(1, width)];
      if (start === null) chosen = region;
      draw();
    },
  };
}
