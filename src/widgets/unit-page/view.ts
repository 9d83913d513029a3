import type { DOMWidgetView } from "@jupyter-widgets/base";
import { formatNumber, formatPercent, sentenceCase } from "../../comms/format.js";
import { colorOf } from "../../comms/states/colors.js";
import type { UnitAbout, UnitPageState, UnitSource } from "../../comms/states/unit-page.js";
import { button, buttonRow } from "../parts/buttons.js";
import { dropdown, segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { outcome } from "../parts/outcome.js";
import { pixelCanvas } from "../parts/pixels.js";
import { progress } from "../parts/progress.js";
import { WidgetView } from "../parts/view.js";
import type { UnitPageModel } from "./model.js";
import { neighborGraph } from "./neighbor-graph.js";
import { sampleStrip } from "./samples.js";
import { sprite } from "./sprite.js";

const SOURCES: Record<UnitSource, { label: string; hint: string }> = {
  photo: { label: "Photo", hint: "The picture that was given" },
  stream: { label: "Stream", hint: "One picture after the other" },
  drawing: { label: "Drawing", hint: "What is drawn on the pad below" },
};

/** Channels of a layer live, and one channel's page. */
export class UnitPageView extends WidgetView<UnitPageState, UnitPageModel> {
  private pad: { model: unknown; view: Promise<DOMWidgetView> } | undefined;
  private readonly beneath = element("div", { class: "limpid-unit-pad" });

  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model, () => (model.comm_live ? model.trait("stage") : "")));
    const failure = element("div", { class: "limpid-unit-error", role: "alert", hidden: true });
    this.lay(
      "unit-page",
      top.element,
      failure,
      element(
        "div",
        { class: "limpid-unit-columns" },
        element("div", { class: "limpid-unit-live" }, this.live(), this.beneath),
        this.page(),
      ),
    );
    this.draw(["stage"], () => {
      top.show();
      this.el.setAttribute(
        "aria-busy",
        String(model.comm_live && (model.trait("stage") !== "" || model.trait("passing"))),
      );
    });
    this.draw(["passing"], () =>
      this.el.setAttribute(
        "aria-busy",
        String(model.comm_live && (model.trait("stage") !== "" || model.trait("passing"))),
      ),
    );
    this.draw(["error"], () => {
      failure.textContent = model.trait("error");
      failure.hidden = failure.textContent === "";
    });
    this.draw(["pad", "source"], () => void this.showPad());
  }

  override remove() {
    void this.pad?.view.then((view) => view.remove());
    return super.remove();
  }

  /** The picture, and what every channel of the layer makes of it. */
  private live(): HTMLElement {
    const model = this.shown;
    const source = segments("Shown", "Where the picture comes from", [], (value) =>
      model.choose({ source: value as UnitSource }),
    );
    const picture = pixelCanvas("The picture whose activations are shown");
    const name = element("p", { class: "limpid-unit-words" });
    const play = button("", "", () => model.choose({ playing: !model.trait("playing") }));
    const step = button("Next", "The next picture", () => model.send({ event: "step" }));
    const player = buttonRow(play, step);
    const layer = dropdown("Layer", "Whose channels are shown", (value) => model.choose({ layer: value, channel: 0 }));
    const said = element("p", { class: "limpid-unit-words", role: "status" });
    const maps = sprite(
      (channel) => model.choose({ channel }),
      (channel) => tell(channel),
    );
    const low = element("span", {});
    const high = element("span", {});
    const ramp = element("span", { class: "limpid-tile-ramp" });
    const scale = element("div", { class: "limpid-tile-scale" }, low, ramp, high);
    const wrong = element("p", { class: "limpid-unit-error", role: "alert", hidden: true });
    const empty = element("p", { class: "limpid-unit-words" });

    const tell = (channel: number | null) => {
      const words = model.trait("mapsWords");
      const size = words === null || words.map.length === 0 ? "" : `, ${words.map.join(" × ")} each`;
      said.textContent =
        channel !== null
          ? `channel ${channel}`
          : words === null
            ? ""
            : `${words.channels} channels of ${words.layer}${size}: click one, or walk by arrow keys`;
    };
    this.draw(["sources", "source"], () => {
      source.offer(model.trait("sources").map((value) => ({ value, ...SOURCES[value as UnitSource] })));
      source.set(model.trait("source"));
      player.hidden = model.trait("source") !== "stream";
    });
    this.draw(["playing"], () => {
      const playing = model.trait("playing");
      play.textContent = playing ? "❚❚ Pause" : "▶ Play";
      play.title = playing ? "Stay at this picture" : "One picture after the other";
      step.disabled = playing;
    });
    this.draw(["layers", "layer"], () => {
      layer.offer(model.trait("layers").map(({ name, channels }) => ({ value: name, label: `${name} (${channels})` })));
      layer.set(model.trait("layer"));
    });
    this.draw(["image", "imageName", "seen", "source"], () => {
      const image = model.trait("image");
      picture.element.hidden = image === null;
      if (image !== null) picture.draw(image);
      const seen = model.trait("seen");
      name.textContent = image === null ? "" : `${model.trait("imageName")}${seen && ` · the network sees ${seen}`}`;
      const waits = model.trait("source") === "drawing" ? "Draw a digit below." : "The first picture is on its way.";
      empty.textContent = image === null && model.trait("mapsError") === "" ? waits : "";
    });
    this.draw(["maps", "mapsWords", "mapsError"], () => {
      const words = model.trait("mapsWords");
      maps.draw(model.trait("maps"), words);
      scale.hidden = words === null;
      wrong.textContent = model.trait("mapsError");
      wrong.hidden = wrong.textContent === "";
      tell(null);
      if (words === null) return;
      low.textContent = formatNumber(words.low, 2);
      high.textContent = formatNumber(words.high, 2);
      const signed = words.low < 0;
      const colors = [0, 0.25, 0.5, 0.75, 1].map((share) => `rgb(${colorOf(signed ? 2 * share - 1 : share, signed)})`);
      ramp.style.background = `linear-gradient(to right, ${colors.join(", ")})`;
    });
    this.draw(["channel", "layer", "mapsWords"], () => {
      const isOwn = model.trait("mapsWords")?.layer === model.trait("layer");
      maps.choose(isOwn ? model.trait("channel") : -1);
    });
    return element(
      "section",
      { class: "limpid-unit-maps", "aria-label": "Live activations" },
      source.element,
      element("div", { class: "limpid-unit-picture" }, picture.element, element("div", {}, name, empty, player)),
      layer.element,
      maps.element,
      scale,
      said,
      wrong,
    );
  }

  /** What is known of the chosen channel. */
  private page(): HTMLElement {
    const model = this.shown;
    const working = this.keep(
      progress(() => model.send({ event: "stop" }), "Passing over the data", "Stop: what was found is gone on with"),
    );
    const ended = outcome(() => model.send({ event: "again" }));
    const waiting = element("p", { class: "limpid-unit-waiting" });
    const rows = element("dl", { class: "limpid-unit-about" });
    const strips = element("div", { class: "limpid-unit-strips" });
    const graph = element("div", {});
    const sets = dropdown(
      "Regularizers",
      "Those of Yosinski et al. 2015, Table 1, by what is strongest in them",
      (value) => model.choose({ regularizers: value }),
    );
    const wish = pixelCanvas("What the channel prefers");
    const wishWords = element("p", { class: "limpid-unit-words" });
    const bar = element("span", { class: "limpid-progress-bar", role: "progressbar", "aria-label": "Synthesis" });
    const fill = element("span", { class: "limpid-progress-fill" });
    bar.append(fill);
    const halt = button("Stop", "Stop here and keep the picture", () => model.send({ event: "halt" }));
    const again = button("Run again", "Seek it anew", () => model.send({ event: "prefer" }));
    const wishes = element(
      "section",
      { class: "limpid-unit-wish", "aria-label": "Preferred input" },
      element("h4", {}, "What it prefers"),
      element(
        "div",
        { class: "limpid-unit-picture" },
        wish.element,
        element("div", {}, sets.element, wishWords, bar, buttonRow(halt, again)),
      ),
    );
    const legend = element(
      "p",
      { class: "limpid-unit-words" },
      "From the top: the input, with a frame around what the unit sees; deconvolution; relevance (red for, blue against). Each map is on its own scale.",
    );
    this.draw(["passing", "progress"], () => {
      working.set(model.comm_live && model.trait("passing"), model.trait("progress"));
    });
    this.draw(["stopped", "passError", "passing"], () => {
      const [stopped, wrong, live] = [model.trait("stopped"), model.trait("passError"), model.comm_live];
      if (model.trait("passing")) ended.set(null);
      else if (stopped !== null)
        ended.set({
          words: `Stopped after ${formatPercent(stopped)} of the data`,
          again: "Go on",
          hint: "Pass over the rest of the data",
          live,
        });
      else if (wrong !== "")
        ended.set({ words: wrong, again: "Try again", hint: "Pass over the data once more", live });
      else ended.set(null);
    });
    this.draw(["about", "passing", "stopped", "passError"], () => {
      const about = model.trait("about");
      const isEmpty = about === null;
      waiting.hidden = !isEmpty;
      rows.hidden = strips.hidden = legend.hidden = wishes.hidden = isEmpty;
      waiting.textContent =
        model.trait("passing") || (model.trait("passError") === "" && model.trait("stopped") === null)
          ? "The data set is passed once: then every channel has its page."
          : "Without the data set there is no page of the channel.";
      if (about !== null) rows.replaceChildren(...statistics(about));
    });
    this.draw(["about", "pictures", "deconvolutions", "relevances", "boxes"], () => {
      const [about, pictures] = [model.trait("about"), model.trait("pictures")];
      if (about === null || pictures === null) return strips.replaceChildren();
      const maps = {
        pictures,
        deconvolutions: model.trait("deconvolutions"),
        relevances: model.trait("relevances"),
        boxes: model.trait("boxes"),
      };
      strips.replaceChildren(
        sampleStrip({
          ...maps,
          title: "Strongest by activation",
          hint: "ActMax: the largest activation anywhere. Relevance is of the unit's activation.",
          samples: about.byActivation,
          first: 0,
        }),
        sampleStrip({
          ...maps,
          title: "Strongest by relevance",
          hint: "RelMax: the most relevance for the output. Relevance is what of the output came through the channel.",
          samples: about.byRelevance,
          first: about.byActivation.length,
        }),
      );
    });
    this.draw(["neighbors", "about"], () => {
      const [neighbors, about] = [model.trait("neighbors"), model.trait("about")];
      if (neighbors === null || about === null) return graph.replaceChildren();
      graph.replaceChildren(
        neighborGraph(neighbors, about, ({ layer, channel }) => {
          model.choose({ layer, channel });
        }),
      );
    });
    this.draw(["preference", "preferenceWords", "preferring", "regularizers", "regularizerSets"], () => {
      const [preference, share] = [model.trait("preference"), model.trait("preferring")];
      wish.element.classList.toggle("limpid-unit-blank", preference === null);
      if (preference !== null) wish.draw(preference);
      wishWords.textContent =
        preference === null ? "It follows when the rest is there." : model.trait("preferenceWords");
      const runs = model.comm_live && share !== null;
      bar.hidden = !runs;
      fill.style.width = `${100 * (share ?? 0)}%`;
      bar.setAttribute("aria-valuenow", String(Math.round(100 * (share ?? 0))));
      halt.hidden = !runs;
      again.hidden = runs;
      sets.offer(model.trait("regularizerSets").map((value) => ({ value, label: sentenceCase(value) })));
      sets.set(model.trait("regularizers"));
    });
    return element(
      "section",
      { class: "limpid-unit-channel", "aria-label": "The chosen channel" },
      waiting,
      rows,
      strips,
      legend,
      element("div", { class: "limpid-unit-lower" }, wishes, graph),
      element("div", { class: "limpid-unit-run" }, working.element, ended.element),
    );
  }

  private async showPad(): Promise<void> {
    const { pad } = this.shown;
    this.beneath.hidden = pad === null || this.shown.trait("source") !== "drawing";
    if (pad === (this.pad?.model ?? null)) return;
    const before = this.pad;
    this.pad = undefined;
    this.beneath.replaceChildren();
    void before?.view.then((view) => view.remove());
    if (pad === null) return;
    const view = this.create_child_view(pad) as Promise<DOMWidgetView>;
    this.pad = { model: pad, view };
    const made = await view;
    if (this.pad?.model === pad) this.beneath.replaceChildren(made.el);
  }
}

/** What the data set says of the channel. */
function statistics(about: UnitAbout): HTMLElement[] {
  const { mean, largest, active, threshold, share, relevance, classes, classesBy, concept } = about;
  const best = classes
    .slice(0, 3)
    .map(({ name, mean: of }) => `${name} ${formatNumber(of, 2)}`)
    .join(", ");
  const rows: [name: string, value: string, hint: string][] = [
    [
      "activation",
      `mean ${formatNumber(mean, 2)}, largest ${formatNumber(largest, 2)}`,
      `Over ${about.samples} samples`,
    ],
    ["above 0", `at ${formatPercent(active)} of the places`, "How often the channel answers at all"],
    [
      "threshold",
      `${formatNumber(threshold, 2)}, the top ${formatPercent(share)}`,
      "The activation that this share of all lies above",
    ],
    ["relevance", `mean ${formatNumber(relevance, 2)}`, "What it contributed to the explained outputs"],
    [classesBy === "label" ? "classes" : "classes seen", best, "Classes with the largest mean activation"],
  ];
  if (concept !== null) {
    const words = `${concept.kind} “${concept.name}”, overlap ${formatNumber(concept.overlap, 2)}`;
    rows.push([
      "concept",
      `${words}${concept.isDetector ? ": a detector" : ""}`,
      "Intersection over union, by dissection",
    ]);
  }
  return rows.map(([name, value, hint]) =>
    element("div", { title: hint }, element("dt", {}, name), element("dd", {}, value)),
  );
}
