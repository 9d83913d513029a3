import { sentenceCase } from "../../comms/format.js";
import type { FlippingOrder, FlippingSummary, Followed } from "../../comms/states/flipping-curve.js";
import { dropdown, segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { writes } from "../parts/lock.js";
import type { FlippingCurveModel } from "./model.js";

/** What is measured: a change of the first three measures again, the last is a matter of reading. */
export function controls(model: FlippingCurveModel): { element: HTMLElement; dispose(): void } {
  const replacement = dropdown(
    "Replaced by",
    "What stands in the place of what is flipped: the ranking may depend on it",
    (value) => model.choose({ replacement: value }),
  );
  const order = segments(
    "Order",
    "What is flipped first",
    [
      { value: "morf", label: "MoRF", hint: "Most relevant first: the output should fall fast" },
      { value: "lerf", label: "LeRF", hint: "Least relevant first: the output should stay up long" },
    ],
    (value) => model.choose({ order: value as FlippingOrder }),
  );
  const followed = segments(
    "Followed",
    "What is read at each step",
    [
      { value: "probability", label: "Probability", hint: "Of the explained class, behind the softmax or sigmoid" },
      { value: "logit", label: "Logit", hint: "Of the explained class, before the softmax or sigmoid" },
    ],
    (value) => model.choose({ followed: value as Followed }),
  );
  const summary = segments(
    "Summed as",
    "One number for a curve",
    [
      { value: "aopc", label: "AOPC", hint: "Mean fall below the beginning over the steps (Samek et al. 2017)" },
      { value: "auc", label: "AUC", hint: "Area under the curve over its width (Petsiuk et al. 2018)" },
    ],
    (value) => model.choose({ summary: value as FlippingSummary }),
  );
  const offer = () => {
    const labeled = model.trait("replacements").map((one) => ({ ...one, label: sentenceCase(one.label) }));
    replacement.offer(labeled);
  };
  const show = () => {
    replacement.set(model.trait("replacement"));
    order.set(model.trait("order"));
    followed.set(model.trait("followed"));
    summary.set(model.trait("summary"));
    // The reader's own summary is seen beside the methods'.
    summary.rest(model.trait("tab") === "reader" ? "The methods' table has it" : null);
  };
  const undo = [
    model.watch(["replacements"], offer),
    model.watch(["replacement", "order", "followed", "summary", "tab"], show),
  ];
  offer();
  show();
  return {
    element: element(
      "div",
      { class: "limpid-settings" },
      writes(replacement.element, "replacement"),
      writes(order.element, "order"),
      writes(followed.element, "followed"),
      writes(summary.element, "summary"),
    ),
    dispose() {
      for (const dispose of undo) dispose();
    },
  };
}
