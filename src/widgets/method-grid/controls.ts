import { betterWords, type GridScale } from "../../comms/states/method-grid.js";
import { dropdown, segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { writes } from "../parts/lock.js";
import { looks } from "../parts/looks.js";
import type { MethodGridModel } from "./model.js";

export interface Controls {
  element: HTMLElement;
  show(): void;
}

/** How all maps are seen: one set of controls, bound to the model. */
export function controls(model: MethodGridModel): Controls {
  const look = looks((chosen) => model.choose(chosen));
  const scale = segments(
    "Scale",
    "Which values get the end colors: each map's own largest, or the same for all maps",
    [
      { value: "own", label: "Each its own", hint: "Where each map has its largest values; sizes are not compared" },
      { value: "shared", label: "One for all", hint: "Equal colors are equal values in all maps" },
    ],
    (value) => model.choose({ scale: value as GridScale }),
  );
  const sort = dropdown("Sort by", "Which measure says in what order the methods stand, from the best on", (value) =>
    model.choose({ sort: value }),
  );
  const [looked, ...sliders] = look.elements;
  return {
    element: element(
      "div",
      { class: "limpid-grid-controls", role: "group", "aria-label": "How all maps are seen" },
      ...[looked!, writes(scale.element, "scale"), ...sliders, writes(sort.element, "sort")],
    ),
    show() {
      const scores = model.trait("scores");
      sort.offer([
        { value: "", label: "As given" },
        ...scores.map((score) => ({
          value: score.label,
          label: `${score.label} (${betterWords(score)})`,
          ...(score.hint && { hint: score.hint }),
        })),
      ]);
      sort.set(model.trait("sort"));
      sort.element.hidden = scores.length === 0;
      const photoless = model.rows.every(({ image }) => image === null);
      const held = model.trait("scale") === "shared" && model.trait("limit") !== null ? "The scale was set" : null;
      const current = look.show(
        { mode: model.trait("mode"), opacity: model.trait("opacity"), percentile: model.trait("percentile") },
        { photoless, held },
      );
      scale.set(model.trait("scale"));
      scale.rest(current === "image" ? "The photo alone has no scale" : null);
    },
  };
}
