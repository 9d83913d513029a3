import { formatNumber, formatPercent } from "../../comms/format.js";
import type { FlowLayer } from "../../comms/states/relevance-flow.js";
import { element } from "../parts/dom.js";

export interface Books {
  element: HTMLElement;
  set(layer: FlowLayer | undefined, output: number | null): void;
}

/** The books of the chosen layer: what comes in, and what becomes of it, each also as a share of the output. */
export function books(): Books {
  const rows = element("tbody", {});
  const table = element("table", { class: "limpid-flow-books", "aria-label": "Books of the chosen layer" }, rows);
  return {
    element: table,
    set(layer, output) {
      table.hidden = layer === undefined;
      if (layer === undefined) return;
      const shareOf = (value: number) => (output ? signedPercent(value / output) : "");
      const line = (words: string, hint: string, value: number) =>
        element(
          "tr",
          { title: hint },
          element("th", { scope: "row" }, words),
          element("td", {}, formatNumber(value)),
          element("td", { class: "limpid-flow-share" }, shareOf(value)),
        );
      // Of the other sign than the output, it has added to what flows.
      const isAgainst = (value: number) => value * (output ?? 1) < 0;
      const { sum, passedOn, byBias, byEmpty, masked, before } = layer;
      const carried = { byBias: before.byBias, byEmpty: before.byEmpty, masked: before.masked };
      const earlier = Object.values(carried).reduce((total, value) => total + value, 0);
      const isInput = layer.kind === "input";
      rows.replaceChildren(
        line("in", "The relevance that the output of this layer carries", sum),
        ...(isInput
          ? []
          : [
              line("out", "The relevance that it passes on to the layers before it", passedOn),
              line(isAgainst(byBias) ? "biases add" : "biases keep", KEPT.byBias, isAgainst(byBias) ? -byBias : byBias),
              line("empty parts keep", KEPT.byEmpty, byEmpty),
            ]),
        ...(masked === 0 ? [] : [line("the mask takes", KEPT.masked, masked)]),
        line(
          isAgainst(earlier) ? "added until here" : "kept until here",
          "What layers nearer to the output have kept on the way to this one, or their biases added",
          isAgainst(earlier) ? -earlier : earlier,
        ),
      );
    },
  };
}

const KEPT = {
  byBias: "What the bias of this layer keeps: it answers for its own share of the output",
  byEmpty: "What units keep that have nothing to pass on to: zero inputs, stabilizers such as ε",
  masked: "What the mask takes away before anything is passed on",
};

/** Of the output: shares below zero and above one too. */
const signedPercent = (share: number) => (share < 0 ? `\u2212${formatPercent(-share)}` : formatPercent(share));
