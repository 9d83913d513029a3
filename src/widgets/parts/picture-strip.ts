import { element } from "./dom.js";
import type { Grid } from "./grid.js";
import { pictureAt, pixelCanvas } from "./pixels.js";

export interface PictureStrip {
  element: HTMLElement;
  /** Draws `[pictures, height, width, 1 or 3]`; hidden where there are none. `label` says what picture `index` is. */
  show(pictures: Grid<Uint8Array> | null, label: (index: number) => string): void;
}

/** Small pictures in a row under a title. */
export function pictureStrip(title: string): PictureStrip {
  const row = element("div", { class: "limpid-strip-pictures" });
  const box = element("section", { class: "limpid-strip" }, element("h4", {}, title), row);
  return {
    element: box,
    show(pictures, label) {
      const count = pictures?.shape[0] ?? 0;
      box.hidden = count === 0;
      if (pictures === null) return;
      row.replaceChildren(
        ...Array.from({ length: count }, (_, index) => {
          const canvas = pixelCanvas(label(index));
          canvas.element.title = label(index);
          canvas.draw(pictureAt(pictures, index));
          return canvas.element;
        }),
      );
    },
  };
}
