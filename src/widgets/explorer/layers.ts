import { formatNumber, formatShape } from "../../comms/format.js";
import type { LayerFlow } from "../../comms/states/explorer.js";
import { element } from "../parts/dom.js";
import { reads } from "../parts/lock.js";

export interface LayerBars {
  element: HTMLElement;
  set(layers: LayerFlow[], output: number | null): void;
}

/** From and to, in percent of the height. */
type Span = [from: number, to: number];

/** What is drawn: for each layer what its output carries and what passes beside it, and how high the output itself is. */
export interface BarParts {
  bars: { own: Span; beside: Span }[];
  output: Span;
}

/**
 * Stacks the books of every layer over the height of the output: own + beside + absorbed = output, so that what is missing
 * to a full bar was absorbed. Where biases added relevance, a bar stands above that height.
 */
export function barParts(layers: LayerFlow[], output: number): BarParts {
  const sign = output < 0 ? -1 : 1;
  const books = layers.map(({ sum, absorbed }) => ({ own: sign * sum, flow: sign * (output - absorbed) }));
  const heights = books.flatMap(({ own, flow }) => [own, flow]);
  const lowest = Math.min(0, ...heights);
  const highest = Math.max(sign * output, ...heights) || 1;
  const place = (value: number) => (100 * (value - lowest)) / (highest - lowest);
  const span = (a: number, b: number): Span => [place(Math.min(a, b)), place(Math.max(a, b))];
  return {
    bars: books.map(({ own, flow }) => ({
      own: span(0, own),
      beside: span(Math.max(own, 0), Math.max(own, flow, 0)),
    })),
    output: span(0, sign * output),
  };
}

/** What becomes of the output: `9.24 enters, 0.12 reaches the pixels, 9.12 absorbed`. */
export function balanceInWords({ sum, absorbed }: Pick<LayerFlow, "sum" | "absorbed">, output: number): string {
  const parts = [`${formatNumber(output)} enters`, `${formatNumber(sum)} reaches the pixels`];
  // Less than the rounding of the sum says nothing.
  if (Math.abs(absorbed) >= 1e-3 * Math.max(Math.abs(output), Math.abs(sum))) {
    // Against the output's sign, biases have added to what flows.
    const added = absorbed * output < 0;
    parts.push(`${formatNumber(added ? -absorbed : absorbed)} ${added ? "added by biases" : "absorbed"}`);
  }
  return parts.join(", ");
}

/** The relevance of every layer from the output to the input, what was absorbed hatched. */
export function layerBars(onChoose: (layer: string) => void): LayerBars {
  const strip = element("div", {
    class: "limpid-layers",
    tabindex: 0,
    role: "group",
    "aria-label": "Relevance by layer: left and right arrows read the bars, Enter shows what the layer computes",
  });
  const caption = element("span", { class: "limpid-layer-caption", role: "status" });
  const legend = element(
    "div",
    { class: "limpid-legend" },
    element("span", { class: "limpid-key-own" }, "in this layer"),
    element("span", { class: "limpid-key-beside" }, "on skip connections"),
    element("span", { class: "limpid-key-absorbed" }, "absorbed on the way"),
  );
  const ends = element(
    "div",
    { class: "limpid-layer-ends" },
    element("span", {}, "output"),
    element("span", {}, "pixels"),
  );
  const block = element("div", { class: "limpid-flow" }, legend, strip, ends, caption);

  let shown: LayerFlow[] = [];
  let output = 0;
  let explained = false;
  let read = -1;
  const describe = (place: number) => {
    read = place;
    for (const [index, bar] of [...strip.children].entries()) bar.classList.toggle("limpid-read", index === place);
    const layer = shown[place];
    if (!layer) {
      const last = shown.at(-1);
      caption.textContent = last
        ? balanceInWords(last, output)
        : explained
          ? "This method passes nothing from layer to layer"
          : "";
      return;
    }
    const shape = layer.shape.length > 0 ? ` · ${formatShape(layer.shape)}` : "";
    const adds = layer.kept * output < 0;
    const kept =
      Math.abs(layer.kept) < 1e-4 * Math.abs(output)
        ? ""
        : ` · ${adds ? "adds" : "keeps"} ${formatNumber(adds ? -layer.kept : layer.kept)}`;
    caption.textContent = `${layer.name}${shape} · Σ ${formatNumber(layer.sum)}${kept}`;
  };
  const barAt = (event: MouseEvent) => {
    const box = strip.getBoundingClientRect();
    return Math.min(Math.floor(((event.clientX - box.left) / box.width) * shown.length), shown.length - 1);
  };
  const choose = (place: number) => {
    const layer = shown[place];
    if (layer && layer.kind !== "input") onChoose(layer.name);
  };
  reads(strip);
  strip.addEventListener("click", (event) => choose(barAt(event)));
  strip.addEventListener("pointermove", (event) => describe(barAt(event)));
  strip.addEventListener("pointerleave", () => describe(-1));
  strip.addEventListener("blur", () => describe(-1));
  strip.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && read >= 0) {
      event.preventDefault();
      choose(read);
      return;
    }
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || shown.length === 0) return;
    event.preventDefault();
    describe(Math.min(Math.max(read + step, 0), shown.length - 1));
  });

  const part = (kind: string) => element("span", { class: `limpid-${kind}` });
  const stretch = (bar: Element | undefined, [from, to]: [number, number]) => {
    (bar as HTMLElement).style.bottom = `${from}%`;
    (bar as HTMLElement).style.height = `${to - from}%`;
  };
  return {
    element: block,
    set(layers, value) {
      shown = layers;
      explained = value !== null;
      output = value ?? 0;
      while (strip.children.length > layers.length) strip.lastChild?.remove();
      while (strip.children.length < layers.length) {
        strip.append(element("span", { class: "limpid-layer" }, part("beside"), part("own")));
      }
      const parts = barParts(layers, output);
      const [bottom, top] = parts.output;
      strip.style.setProperty("--bottom", `${bottom}%`);
      strip.style.setProperty("--height", `${top - bottom}%`);
      parts.bars.forEach(({ own, beside }, index) => {
        const [besideBar, ownBar] = strip.children[index]!.children;
        stretch(besideBar, beside);
        stretch(ownBar, own);
      });
      block.classList.toggle("limpid-vacant", layers.length === 0);
      describe(read < layers.length ? read : -1);
    },
  };
}
