import { formatNumber, formatPercent } from "../../comms/format.js";
import { clipLimit } from "../../comms/states/colors.js";
import type { StrategyFeature, StrategyMapState } from "../../comms/states/strategy-map.js";
import { smallMap } from "../heatmap/small-map.js";
import { segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { scatter } from "../parts/scatter.js";
import { slider } from "../parts/slider.js";
import { titled, WidgetView } from "../parts/view.js";
import { endOf, work } from "../parts/work.js";
import { clusters } from "./clusters.js";
import { eigenvaluePlot } from "./eigenvalues.js";
import { groupPanel } from "./group.js";
import { markOf } from "./marks.js";
import type { StrategyMapModel } from "./model.js";

/** Maps of one class in a plane and in clusters; a group of them is filled in and the model measured again. */
export class StrategyMapView extends WidgetView<StrategyMapState, StrategyMapModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const empty = element("div", { class: "limpid-strategy-empty" });
    const run = this.keep(
      work((event) => model.send({ event }), {
        failure: "limpid-strategy-error",
        doing: "Computing",
        now: () => model.trait("stage") || "Computing",
        stopHint: "Stop: what is there stays, and can be run on",
        stopped: "what stands above is of before.",
        again: "Run on",
        againHint: "Compute what is missing",
        retryHint: "Compute once more",
      }),
    );
    const plane = this.keep(
      scatter({
        label: "Maps in a plane, near where they are alike",
        say: (map) => `${model.trait("names")[map] ?? `map ${map}`}, cluster ${clusterOf(map) + 1}`,
        onPoint: (map) => {
          // What is ringed is what is seen beside it: without a kernel that stays.
          if (model.lockOf(["watched"]) === null) model.choose({ watched: map ?? -1 });
          else showWatched();
        },
        onTake: (members) => model.send({ event: "take", members }),
      }),
    );
    const showWatched = () => {
      const watched = model.trait("watched");
      plane.point(watched < 0 ? null : watched);
    };
    const clusterOf = (map: number) => model.trait("clusters")?.values[map] ?? 0;
    const moving = element("button", { type: "button", class: "limpid-button" }, "");
    moving.addEventListener("click", () => model.send({ event: "layout", moving: !model.trait("moving") }));
    const moved = element("span", { class: "limpid-strategy-note" });
    const plot = eigenvaluePlot((count) => model.choose({ chosen: count }));
    const gap = element("p", { class: "limpid-strategy-note" });
    const count = slider({
      label: "Clusters",
      hint: "Into how many clusters the maps are parted; as many as the largest gap says unless chosen",
      min: 1,
      max: 12,
      step: 1,
      format: String,
      onInput: (value) => model.choose({ chosen: value }),
    });
    const feature = segments(
      "Compared",
      "What of a map is compared",
      [
        { value: "pooled", label: "Where", hint: "Where relevance lies, coarsely" },
        { value: "fourier", label: "Pattern", hint: "Which patterns it makes, wherever they lie: Fourier magnitudes" },
      ],
      (value) => model.choose({ feature: value as StrategyFeature }),
    );
    const remark = element("p", { class: "limpid-strategy-remark", role: "status" });
    const picture = this.keep(smallMap("The picture that is pointed at"));
    const map = this.keep(smallMap("Its relevance map"));
    const caption = element("p", { class: "limpid-strategy-note limpid-strategy-caption" });
    let looked: number | null = null;
    const groups = this.keep(clusters(model, (cluster) => look(cluster)));
    const group = this.keep(groupPanel(model));
    const look = (cluster: number | null) => {
      looked = cluster;
      choose();
    };
    const choose = () => {
      const own = model.trait("clusters")?.values ?? new Uint8Array();
      const members =
        looked !== null
          ? [...own.keys()].filter((point) => own[point] === looked)
          : (model.trait("groups")[model.trait("group")]?.members ?? []);
      plane.show({ chosen: new Set(members) });
    };
    const body = element(
      "div",
      { class: "limpid-strategy-body" },
      element(
        "div",
        { class: "limpid-columns limpid-strategy-columns" },
        element(
          "section",
          { class: "limpid-strategy-left" },
          element("h4", {}, "Maps, near where they are alike"),
          plane.element,
          element("div", { class: "limpid-strategy-moving" }, moving, moved),
        ),
        element(
          "div",
          { class: "limpid-strategy-right" },
          titled("Smallest eigenvalues of the graph", plot.element, gap),
          element("div", { class: "limpid-settings" }, count.element, feature.element),
          remark,
          titled(
            "Pointed at",
            caption,
            element("div", { class: "limpid-strategy-watched" }, picture.element, map.element),
          ),
        ),
      ),
      titled("Clusters: mean maps and sizes", groups.element),
      titled("Is it used? Fill it in and measure again", group.element),
    );
    this.lay(
      "strategy-map",
      top.element,
      run.failure,
      empty,
      body,
      element("div", { class: "limpid-strategy-run" }, run.working, run.ended),
    );

    this.draw(["points", "clusters"], () => {
      const points = model.trait("points");
      plane.show({ places: points?.values ?? new Float32Array(), mark: (point) => markOf(clusterOf(point)) });
      body.hidden = points === null;
    });
    this.draw(["groups", "group", "clusters"], choose);
    this.draw(["moving", "moved"], () => {
      const [isMoving, share] = [model.comm_live && model.trait("moving"), model.trait("moved")];
      moving.textContent = isMoving ? "Stop moving" : "Move on";
      moving.title = isMoving ? "Leave the maps where they are (UMAP)" : "Let UMAP bring like maps nearer";
      moving.hidden = !isMoving && share >= 1;
      moved.textContent = isMoving
        ? `UMAP, ${formatPercent(share)}`
        : share >= 1
          ? "UMAP"
          : `UMAP, stopped at ${formatPercent(share)}`;
    });
    this.draw(["eigenvalues", "suggested", "sizes"], () => {
      const suggested = model.trait("suggested");
      plot.show(model.trait("eigenvalues"), suggested, model.count);
      gap.textContent =
        suggested === 0
          ? ""
          : `The largest gap comes after ${suggested}: ${suggested} cluster${suggested === 1 ? "" : "s"}${model.count === suggested ? "" : `; shown are ${model.count}`}.`;
      count.set(Math.max(1, model.count));
    });
    this.draw(["feature"], () => feature.set(model.trait("feature")));
    this.draw(["remark"], () => {
      remark.textContent = model.trait("remark");
      remark.hidden = remark.textContent === "";
    });
    this.draw(["image", "relevance", "caption", "shown"], () => {
      const [image, relevance] = [model.trait("image"), model.trait("relevance")];
      const limit = relevance === null ? 0 : clipLimit(relevance.values, 99.5);
      picture.set({ image, relevance: null, limit });
      map.set({ image: null, relevance, limit, mode: "map" });
      caption.textContent =
        model.trait("shown") < 0
          ? "Point at a map, or walk over them by the arrow keys: its picture stands here."
          : `${model.trait("caption")} · colors end at ±${formatNumber(limit, 2)}`;
    });
    this.draw(["watched"], showWatched);
    this.draw(["points", "running", "error"], () => {
      empty.hidden = model.trait("points") !== null || model.trait("error") !== "";
      empty.textContent = model.running ? "The maps are on their way." : "Nothing has been analyzed yet.";
    });
    this.draw(["running", "progress", "stage"], () => {
      run.showProgress(this.el, model.running, model.trait("progress"));
    });
    this.draw(["running", "stopped", "error"], () => run.showEnd(endOf(model)));
  }
}
