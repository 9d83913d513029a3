import { formatNumber, formatShape } from "../../comms/format.js";
import { colorOf } from "../../comms/states/colors.js";
import { dropdown } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { writes } from "../parts/lock.js";
import type { ExplorerModel } from "./model.js";

/** What a layer computes, bound to the model: the layer's choice, and its strongest channels on one scale. */
export function activations(model: ExplorerModel): { element: HTMLElement; dispose(): void } {
  const layer = dropdown("Layer", "Shows what a layer computes for this photo; so does a click on its bar", (value) =>
    model.choose({ activationLayer: value }),
  );
  writes(layer.element, "activationLayer");
  const words = element("p", { class: "limpid-search-note", role: "status" });
  const tiles = element("ul", { class: "limpid-tiles", "aria-label": "Channels" });
  const low = element("span", {});
  const high = element("span", {});
  const ramp = element("span", { class: "limpid-tile-ramp" });
  const scale = element("div", { class: "limpid-tile-scale" }, low, ramp, high);
  const box = element("div", { class: "limpid-activations" }, layer.element, words, tiles, scale);

  const offer = () => {
    const names = model.trait("activationLayers");
    layer.offer([
      { value: "", label: "None", hint: "Shows no layer" },
      ...names.map((value) => ({ value, label: value, hint: `What ${value} computes` })),
    ]);
    layer.set(model.trait("activationLayer"));
  };
  const show = () => {
    layer.set(model.trait("activationLayer"));
    const [maps, about] = [model.trait("activations"), model.trait("activationWords")];
    words.hidden = about === null;
    tiles.hidden = scale.hidden = maps === null || about === null;
    if (about === null) return;
    words.classList.toggle("limpid-wrong", about.error !== "");
    words.textContent = about.error || inWords(about);
    if (maps === null) return;
    const signed = about.low < 0;
    const table = Array.from({ length: 256 }, (_, byte) => colorOf(signed ? byte / 127.5 - 1 : byte / 255, signed));
    tiles.classList.toggle("limpid-flat", maps.shape[1] === 1);
    tiles.replaceChildren(
      ...about.channels.map((channel, place) => {
        const canvas = painted(maps, place, table);
        const mean = formatNumber(about.means[place]!);
        const name = maps.shape[1] === 1 ? "all values" : `channel ${channel}`;
        canvas.setAttribute("aria-label", `${name}: mean ${mean}`);
        return element(
          "li",
          { title: `${name} of ${about.layer}: mean ${mean}` },
          canvas,
          element("span", {}, String(channel)),
        );
      }),
    );
    low.textContent = formatNumber(about.low);
    high.textContent = formatNumber(about.high);
    const colors = [0, 64, 128, 191, 255].map((byte) => `rgb(${table[byte]})`);
    ramp.style.background = `linear-gradient(to right, ${colors.join(", ")})`;
  };
  const undo = [
    model.watch(["activationLayers"], offer),
    model.watch(["activationLayer", "activations", "activationWords"], show),
  ];
  offer();
  show();
  return {
    element: box,
    dispose() {
      for (const dispose of undo) dispose();
    },
  };
}

function inWords({ layer, shape, channels }: { layer: string; shape: number[]; channels: number[] }): string {
  const size = `${layer} computes ${formatShape(shape)}`;
  const all = shape.at(-1)!;
  if (shape.length === 1) return `${size} values without positions`;
  return channels.length < all
    ? `${size}: the ${channels.length} of ${all} channels with the largest mean magnitude`
    : `${size}: its channels, the largest mean magnitude first`;
}

function painted({ shape, values }: Grid<Uint8Array>, place: number, table: readonly number[][]): HTMLCanvasElement {
  const [, height = 1, width = 1] = shape;
  const canvas = element("canvas", { class: "limpid-tile", width, height, role: "img" });
  const context = canvas.getContext("2d");
  if (context === null) return canvas;
  const image = context.createImageData(width, height);
  for (let at = 0, from = place * height * width; at < height * width; at++, from++) {
    image.data.set([...table[values[from]!]!, 255], 4 * at);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
