import { formatNumber } from "../../comms/format.js";
import {
  type Fraction,
  formulaNumbers,
  formulaParts,
  formulaSymbols,
  inLine,
  ruleWords,
  shareWords,
  type WalkNode,
  type WalkShare,
} from "../../comms/states/layer-walk.js";
import { element } from "../parts/dom.js";

/** The rule's formula, with the numbers of one share beneath. */
export function formula(): { element: HTMLElement; set(node: WalkNode | null, share: WalkShare | undefined): void } {
  const block = element("div", {
    class: "limpid-walk-formula",
    role: "group",
    "aria-label": "The formula of this share",
    tabindex: 0,
  });
  return {
    element: block,
    set(node, share) {
      if (node === null || share === undefined) return block.replaceChildren();
      const result = formatNumber(share.share, 4);
      const whole =
        share.whole === null
          ? ""
          : `From all units that see it, it has ${formatNumber(share.whole, 4)}${share.whole === 0 ? "" : ` (this share is ${formatNumber((100 * share.share) / share.whole, 3)}\u202f% of that)`}.`;
      const parts = element(
        "div",
        { class: "limpid-walk-parts" },
        ...formulaParts(node, share).map(([name, value, hint]) =>
          element("span", { title: hint }, element("i", {}, name), " ", element("b", {}, value)),
        ),
      );
      const own = shareWords(node, share.share);
      if (node.terms === null) {
        block.replaceChildren(
          element("p", {}, ruleWords(node.rule)),
          element("p", {}, "Rᵢ←ₖ = ", element("strong", {}, result), own === "" ? "" : `, ${own}`),
          parts,
          element("p", { class: "limpid-walk-whole" }, whole),
        );
        return;
      }
      const [symbols, numbers] = [formulaSymbols(node), formulaNumbers(node, share)];
      block.replaceChildren(
        line("Rᵢ←ₖ", symbols, []),
        line("", numbers, [
          element("span", {}, "="),
          element("strong", {}, result),
          ...(own === "" ? [] : [element("span", { class: "limpid-walk-note" }, own)]),
        ]),
        parts,
        element("p", { class: "limpid-walk-whole" }, whole),
      );
    },
  };
}

/** `left = fraction + fraction …`, read aloud as one line. */
function line(left: string, fractions: readonly Fraction[], behind: readonly HTMLElement[]): HTMLElement {
  const drawn = fractions.flatMap(({ before, over, under, behind: after }) => [
    ...(before === "" ? [] : [element("span", {}, before)]),
    element("span", { class: "limpid-walk-fraction" }, element("span", {}, over), element("span", {}, under)),
    element("span", {}, after),
  ]);
  const math = element(
    "span",
    { class: "limpid-walk-math", role: "math", "aria-label": `${left} = ${inLine(fractions)}` },
    element("span", { class: "limpid-walk-left" }, left),
    element("span", {}, "="),
    ...drawn,
  );
  return element("div", { class: "limpid-walk-line" }, math, ...behind);
}
