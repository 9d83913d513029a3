import { formatNumber, formatShape } from "../../comms/format.js";
import { type FlowLayer, flowBars, type Span } from "../../comms/states/relevance-flow.js";
import { element, uniqueId } from "../parts/dom.js";

export interface FlowList {
  element: HTMLElement;
  set(layers: readonly FlowLayer[], output: number | null): void;
  /** Marks the layer whose map is shown. */
  choose(index: number): void;
  dispose(): void;
}

/** What a bar is made of, in the order of drawing: what comes later covers what came before. */
const PARTS = ["masked", "byEmpty", "byBias", "beside", "own"] as const;
const LEGEND = [
  ["own", "in the layer"],
  ["beside", "on skip connections"],
  ["byBias", "kept by biases"],
  ["byEmpty", "kept by empty parts"],
  ["masked", "taken by the mask"],
] as const;

/** The layers from the output to the input, each with a bar of its books: one is chosen, by a click or the arrow keys. */
export function flowList(onChoose: (index: number) => void): FlowList {
  const legend = element("div", { class: "limpid-legend" });
  const rows = element("div", {
    class: "limpid-flow-rows",
    role: "listbox",
    tabindex: 0,
    "aria-label": "Layers from the output to the input",
  });
  const block = element("div", { class: "limpid-flow-list" }, legend, rows);
  let count = 0;
  let chosen = -1;

  /** Brings the chosen row into sight, within the list only: the page stays where it is. */
  const reveal = () => {
    const row = rows.children[chosen] as HTMLElement | undefined;
    if (row === undefined) return;
    const [top, bottom] = [row.offsetTop, row.offsetTop + row.offsetHeight];
    if (top < rows.scrollTop) rows.scrollTop = top;
    else if (bottom > rows.scrollTop + rows.clientHeight) rows.scrollTop = bottom - rows.clientHeight;
  };
  const mark = (index: number) => {
    for (const row of rows.querySelectorAll("[aria-selected='true']")) row.setAttribute("aria-selected", "false");
    chosen = index;
    const row = rows.children[index] as HTMLElement | undefined;
    if (row === undefined) {
      rows.removeAttribute("aria-activedescendant");
      return;
    }
    row.setAttribute("aria-selected", "true");
    rows.setAttribute("aria-activedescendant", row.id);
    reveal();
  };
  const choose = (index: number) => {
    if (index === chosen || index < 0 || index >= count) return;
    mark(index);
    onChoose(index);
  };
  rows.addEventListener("click", (event) => {
    const row = (event.target as Element).closest("[role='option']");
    if (row) choose([...rows.children].indexOf(row));
  });
  rows.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || count === 0) return;
    const to = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + 10,
      PageUp: chosen - 10,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(Math.min(Math.max(to, 0), count - 1));
  });

  // Before it is in the page, nothing can be scrolled.
  const sized = new ResizeObserver(reveal);
  sized.observe(rows);
  return {
    element: block,
    dispose: () => sized.disconnect(),
    set(layers, output) {
      count = layers.length;
      block.hidden = count === 0;
      const { bars, zero, output: end } = flowBars(layers, output ?? 0);
      rows.style.setProperty("--zero", String(zero));
      rows.style.setProperty("--end", String(end));
      legend.replaceChildren(
        ...LEGEND.filter(([part]) => part === "own" || bars.some((bar) => isSeen(bar[part]))).map(([part, words]) =>
          element("span", { class: `limpid-flow-key limpid-flow-${part}` }, words),
        ),
        element("span", { class: "limpid-flow-key limpid-flow-output" }, `output ${formatNumber(output ?? 0)}`),
      );
      rows.replaceChildren(
        ...layers.map((layer, index) => {
          const bar = element("span", { class: "limpid-flow-bar", "aria-hidden": "true" });
          for (const part of PARTS) {
            const span = bars[index]![part];
            if (!isSeen(span)) continue;
            const piece = element("span", { class: `limpid-flow-${part}` });
            Object.assign(piece.style, { left: `${100 * span[0]}%`, width: `${100 * (span[1] - span[0])}%` });
            bar.append(piece);
          }
          const sum = formatNumber(layer.sum);
          const words = `${layer.name} ${sum}: relevance, ${layer.kind}`;
          const shape = layer.shape.length > 0 ? ` · ${formatShape(layer.shape)}` : "";
          return element(
            "div",
            {
              ...{ id: uniqueId(), role: "option", class: "limpid-flow-row", "aria-selected": "false" },
              "aria-label": words,
              title: `${layer.name} · ${layer.kind}${shape}`,
            },
            element("span", { class: "limpid-flow-name" }, layer.name),
            " ",
            bar,
            element("span", { class: "limpid-flow-sum" }, sum),
          );
        }),
      );
      mark(chosen < count ? chosen : -1);
    },
    choose(index) {
      if (index !== chosen) mark(index);
    },
  };
}

const isSeen = ([from, to]: Span) => to - from > 5e-4;
