import { formatPercent } from "../../comms/format.js";
import { ORDER_WORDS } from "../../comms/states/flipping-curve.js";
import { element, emphasize } from "../parts/dom.js";
import type { FlippingCurveModel } from "./model.js";

/** What became of curves that did not come about: stopped, and what those are of that stay; or failed, and why. */
export function outcome(model: FlippingCurveModel): { element: HTMLElement; show(): void } {
  const words = element("span", {});
  const again = element("button", { type: "button" }, "");
  again.addEventListener("click", () => model.send({ event: "again" }));
  const box = element("div", { class: "limpid-outcome", role: "status", hidden: true }, words, again);
  return {
    element: box,
    show() {
      const [stopped, error] = [model.trait("stopped"), model.trait("error")];
      const { run } = model;
      box.hidden = model.running || (stopped === null && error === "");
      again.textContent = stopped === null ? "Try again" : "Run again";
      again.title = "Measure with the settings that are chosen";
      again.disabled = !model.comm_live;
      const labels = model.trait("replacements");
      const label = (replacement: string) => labels.find(({ value }) => value === replacement)?.label ?? replacement;
      const still = run
        ? ` The curves are still of *${label(run.replacement)}*, ${ORDER_WORDS[run.order]}, ${run.followed}.`
        : "";
      // Without curves the note in their place says what went wrong.
      if (stopped !== null) emphasize(words, `Stopped at ${formatPercent(stopped)}.${still}`);
      else emphasize(words, run && error !== "" ? `${error}${still}` : "");
    },
  };
}
