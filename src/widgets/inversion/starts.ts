import { formatFixed } from "../../comms/format.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { type PixelCanvas, pictureAt, pixelCanvas } from "../parts/pixels.js";

export interface Starts {
  element: HTMLElement;
  set(pictures: Grid<Uint8Array> | null, errors: readonly number[], chosen: number): void;
}

/** Reconstructions from all starts, of which one is shown at large. */
export function starts(onChoose: (start: number) => void): Starts {
  const list = element("div", { class: "limpid-inversion-starts", role: "radiogroup", "aria-label": "Starts" });
  let tiles: { button: HTMLButtonElement; canvas: PixelCanvas; error: HTMLElement }[] = [];
  const choose = (start: number) => {
    onChoose(start);
    tiles[start]?.button.focus();
  };
  const tile = (_: unknown, index: number) => {
    const canvas = pixelCanvas(`Reconstruction from start ${index + 1}`);
    const error = element("span", {});
    const button = element("button", { type: "button", role: "radio" });
    button.append(canvas.element, error);
    button.addEventListener("click", () => onChoose(index));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      choose((index + step + tiles.length) % tiles.length);
    });
    return { button, canvas, error };
  };
  return {
    element: list,
    set(pictures, errors, chosen) {
      const count = pictures?.shape[0] ?? 0;
      list.hidden = count < 2;
      if (pictures === null || count < 2) return;
      if (tiles.length !== count) {
        tiles = Array.from({ length: count }, tile);
        list.replaceChildren(...tiles.map(({ button }) => button));
      }
      tiles.forEach(({ button, canvas, error }, index) => {
        canvas.draw(pictureAt(pictures, index));
        const off = formatFixed(errors[index] ?? 0, 0);
        error.textContent = `start ${index + 1}: ${off}`;
        button.title = `Show start ${index + 1} at large; it is off by ${off} of 255 gray levels`;
        button.setAttribute("aria-checked", String(index === chosen));
        button.tabIndex = index === chosen ? 0 : -1;
      });
    },
  };
}
