import { colorOf } from "../../comms/states/colors.js";
import { spriteColumns, type UnitMapsWords } from "../../comms/states/unit-page.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";

export interface Sprite {
  element: HTMLElement;
  draw(maps: Grid<Uint8Array> | null, words: UnitMapsWords | null): void;
  /** Marks the chosen channel; −1 for none. */
  choose(channel: number): void;
}

/** Pixels between two maps. */
const GAP = 1;

/**
 * The maps of all channels of a layer on one canvas. A click chooses one, arrow keys walk over them.
 *
 * @param onPoint told of the channel that is pointed at, null where there is none
 */
export function sprite(onChoose: (channel: number) => void, onPoint: (channel: number | null) => void): Sprite {
  const canvas = element("canvas", { class: "limpid-unit-canvas" });
  const mark = element("span", { class: "limpid-unit-mark", hidden: true });
  const box = element(
    "div",
    { class: "limpid-unit-sprite", role: "slider", tabindex: 0, "aria-label": "Channel", "aria-valuemin": 0 },
    canvas,
    mark,
  );
  let [channels, columns, rows, chosen] = [0, 1, 1, -1];
  let shown: Uint8Array | undefined;

  const at = (event: PointerEvent | MouseEvent): number | null => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const column = Math.floor((columns * (event.clientX - left)) / width);
    const row = Math.floor((rows * (event.clientY - top)) / height);
    const channel = row * columns + column;
    return column >= 0 && column < columns && row >= 0 && channel < channels ? channel : null;
  };
  box.addEventListener("pointermove", (event) => onPoint(at(event)));
  box.addEventListener("pointerleave", () => onPoint(null));
  box.addEventListener("click", (event) => {
    const channel = at(event);
    if (channel !== null) onChoose(channel);
  });
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || channels === 0) return;
    const now = Math.max(0, chosen);
    const to = (
      {
        ArrowRight: now + 1,
        ArrowLeft: now - 1,
        ArrowDown: now + columns,
        ArrowUp: now - columns,
        Home: 0,
        End: channels - 1,
      } as Record<string, number>
    )[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to < channels) onChoose(to);
  });

  const place = () => {
    const isThere = chosen >= 0 && chosen < channels;
    mark.hidden = !isThere;
    if (isThere) {
      mark.style.left = `${(100 * (chosen % columns)) / columns}%`;
      mark.style.top = `${(100 * Math.floor(chosen / columns)) / rows}%`;
      mark.style.width = `${100 / columns}%`;
      mark.style.height = `${100 / rows}%`;
    }
    box.setAttribute("aria-valuemax", String(Math.max(0, channels - 1)));
    box.setAttribute("aria-valuenow", String(Math.max(0, chosen)));
    box.setAttribute("aria-valuetext", isThere ? `channel ${chosen} of ${channels}` : "none");
  };

  return {
    element: box,
    draw(maps, words) {
      box.hidden = maps === null || words === null;
      if (maps === null || words === null || maps.values === shown) return;
      shown = maps.values;
      const [count = 0, height = 1, width = 1] = maps.shape;
      channels = count;
      columns = spriteColumns(count);
      rows = Math.ceil(count / columns);
      // Small maps keep a gap that is narrow beside them.
      const factor = Math.max(1, Math.floor(24 / Math.max(height, width)));
      const [cellHeight, cellWidth] = [height * factor + GAP, width * factor + GAP];
      canvas.width = columns * cellWidth;
      canvas.height = rows * cellHeight;
      const context = canvas.getContext("2d");
      if (context === null) return;
      const signed = words.low < 0;
      const table = new Uint32Array(256);
      for (let byte = 0; byte < 256; byte++) {
        const [red, green, blue] = colorOf(signed ? (byte - 127.5) / 127.5 : byte / 255, signed);
        table[byte] = (255 << 24) | (blue << 16) | (green << 8) | red;
      }
      const image = context.createImageData(canvas.width, canvas.height);
      const pixels = new Uint32Array(image.data.buffer);
      for (let channel = 0; channel < channels; channel++) {
        const top = Math.floor(channel / columns) * cellHeight;
        const left = (channel % columns) * cellWidth;
        const from = channel * height * width;
        for (let y = 0; y < height * factor; y++) {
          const line = from + Math.floor(y / factor) * width;
          const to = (top + y) * canvas.width + left;
          for (let x = 0; x < width * factor; x++) pixels[to + x] = table[maps.values[line + Math.floor(x / factor)]!]!;
        }
      }
      context.putImageData(image, 0, 0);
      place();
    },
    choose(channel) {
      chosen = channel;
      place();
    },
  };
}
