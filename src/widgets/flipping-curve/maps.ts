import { gridLimits } from "../../comms/states/method-grid.js";
import { colorOfSeries } from "../../comms/states/plot.js";
import { type Tile, tile } from "../method-grid/tile.js";
import { element } from "../parts/dom.js";
import type { FlippingCurveModel } from "./model.js";

/** Pixels of a region in the hatching that covers it. */
const CELL = 16;

/** The maps of all methods with what is flipped so far taken out: a click looks at that method's picture. */
export function maps(model: FlippingCurveModel): { element: HTMLElement; dispose(): void } {
  const list = element("div", {
    class: "limpid-tiles limpid-flip-tiles",
    role: "group",
    "aria-label": "The methods' maps",
  });
  let tiles: { tile: Tile; cover: HTMLCanvasElement }[] = [];
  const listening: (() => void)[] = [];

  const color = () => {
    const values = model.cells.map((cell) => cell.trait("relevance")?.values ?? null);
    const limits = gridLimits(values, { scale: "own", limit: null, percentile: 99.5 });
    tiles.forEach(({ tile }, index) => {
      tile.look({ mode: "overlay", opacity: 0.85, limit: limits[index]!, own: false });
    });
  };
  const flip = () => {
    const [rows, columns, cursor] = [model.trait("rows"), model.trait("columns"), model.trait("cursor")];
    tiles.forEach(({ cover }, index) => {
      const [width, height] = [columns * CELL, rows * CELL];
      if (cover.width !== width) cover.width = width;
      if (cover.height !== height) cover.height = height;
      const context = cover.getContext("2d");
      if (context === null) return;
      context.clearRect(0, 0, width, height);
      context.fillStyle = "rgb(245 245 245 / 94%)";
      context.strokeStyle = "rgb(150 150 150)";
      context.beginPath();
      model.flipped(index, cursor).forEach((isFlipped, region) => {
        if (!isFlipped) return;
        const [left, top] = [(region % columns) * CELL, Math.floor(region / columns) * CELL];
        context.fillRect(left, top, CELL, CELL);
        context.moveTo(left, top + CELL);
        context.lineTo(left + CELL, top);
      });
      context.stroke();
    });
  };
  const mark = () => {
    for (const [index, { tile }] of tiles.entries()) tile.select(model.trait("watched") === index);
  };
  const build = () => {
    for (const { tile } of tiles) tile.dispose();
    for (const stop of listening.splice(0)) stop();
    const methods = model.trait("methods");
    tiles = model.cells.map((cell, index) => {
      const made = tile(cell, methods[index] ?? { label: "", note: "", hint: "" }, () => {});
      made.element.tabIndex = 0;
      made.element.style.setProperty("--key", colorOfSeries(index));
      made.element.addEventListener("click", () => model.choose({ watched: index }));
      const cover = element("canvas", { class: "limpid-flip-cover", "aria-hidden": "true" });
      made.element.querySelector(".limpid-tile-picture")?.append(cover);
      made.setImage(model.trait("image"));
      listening.push(cell.watch(["relevance", "signed"], color));
      return { tile: made, cover };
    });
    list.replaceChildren(...tiles.map(({ tile }) => tile.element));
    color();
    flip();
    mark();
  };
  const undo = [
    model.watch(["cells", "methods"], build),
    model.watch(["image"], () => {
      for (const { tile } of tiles) tile.setImage(model.trait("image"));
    }),
    model.watch(["cursor", "runs", "drawn", "rows", "columns"], flip),
    model.watch(["watched"], mark),
  ];
  build();
  return {
    element: list,
    dispose() {
      for (const stop of [...undo, ...listening]) stop();
      for (const { tile } of tiles) tile.dispose();
    },
  };
}
