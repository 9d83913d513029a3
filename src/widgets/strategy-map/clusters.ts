import { formatNumber } from "../../comms/format.js";
import { clipLimit } from "../../comms/states/colors.js";
import { picturesOf } from "../../comms/states/strategy-map.js";
import { type SmallMap, smallMap } from "../heatmap/small-map.js";
import { element } from "../parts/dom.js";
import { markOf } from "./marks.js";
import type { StrategyMapModel } from "./model.js";

/** The clusters with their mean maps and sizes: each is a button that takes it as a group. */
export function clusters(
  model: StrategyMapModel,
  onLook: (cluster: number | null) => void,
): { element: HTMLElement; dispose(): void } {
  const list = element("ol", { class: "limpid-clusters", "aria-label": "Clusters" });
  const scale = element("p", { class: "limpid-strategy-note" });
  let maps: SmallMap[] = [];
  const build = () => {
    const focused = [...list.children].findIndex((child) => child.contains(document.activeElement));
    for (const map of maps) map.dispose();
    const [sizes, means] = [model.trait("sizes"), model.trait("means")];
    if (means === null) {
      maps = [];
      list.replaceChildren();
      scale.textContent = "";
      return;
    }
    const [, height = 1, width = 1] = means.shape;
    const limit = clipLimit(means.values, 99.5);
    maps = sizes.map((_, cluster) => {
      const made = smallMap(`Mean map of cluster ${cluster + 1}`);
      const values = means.values.subarray(cluster * height * width, (cluster + 1) * height * width);
      made.set({ image: null, relevance: { shape: [height, width], values }, limit, mode: "map" });
      return made;
    });
    list.replaceChildren(
      ...sizes.map((size, cluster) => {
        const { color, square } = markOf(cluster);
        const chip = element("span", { class: "limpid-strategy-chip", "aria-hidden": "true" });
        chip.style.background = color;
        chip.classList.toggle("limpid-square", square);
        const take = element(
          "button",
          {
            type: "button",
            class: "limpid-cluster",
            title: "Take these pictures as a group",
            "aria-label": `Take cluster ${cluster + 1}, ${picturesOf(size)}, as a group`,
          },
          maps[cluster]!.element,
          element("span", { class: "limpid-cluster-name" }, chip, `${cluster + 1} · ${picturesOf(size)}`),
        );
        take.addEventListener("click", () => {
          const own = model.trait("clusters")?.values ?? new Uint8Array();
          model.send({ event: "take", members: [...own.keys()].filter((map) => own[map] === cluster) });
        });
        take.addEventListener("pointerenter", () => onLook(cluster));
        take.addEventListener("pointerleave", () => onLook(null));
        take.addEventListener("focus", () => onLook(cluster));
        take.addEventListener("blur", () => onLook(null));
        return element("li", {}, take);
      }),
    );
    scale.textContent = `Mean maps on one scale: red speaks for the class, blue against it; colors end at ±${formatNumber(limit, 2)}.`;
    if (focused >= 0) (list.children[Math.min(focused, sizes.length - 1)]?.firstElementChild as HTMLElement)?.focus();
  };
  const undo = [model.watch(["means", "sizes"], build)];
  build();
  return {
    element: element("div", {}, list, scale),
    dispose() {
      for (const stop of undo) stop();
      for (const map of maps) map.dispose();
    },
  };
}
