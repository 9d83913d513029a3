import { formatFixed, formatPercent, formatShort } from "../../comms/format.js";
import type { InversionMeasure, InversionState, InversionWay } from "../../comms/states/inversion.js";
import { button, buttonRow } from "../parts/buttons.js";
import { segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { writes } from "../parts/lock.js";
import { outcome } from "../parts/outcome.js";
import { pictureAt } from "../parts/pixels.js";
import { progress } from "../parts/progress.js";
import { stepChart } from "../parts/step-chart.js";
import { stepSlider } from "../parts/step-slider.js";
import { titled, WidgetView } from "../parts/view.js";
import type { InversionModel } from "./model.js";
import { panels } from "./panels.js";
import { starts } from "./starts.js";

/** A slider through the layers: the picture, what each layer alone says of it, how far that is off, and the errors of all layers. */
export class InversionView extends WidgetView<InversionState, InversionModel> {
  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const slider = stepSlider({
      label: "Layer",
      hint: "Which layer's values are inverted, from the input on the left to the output",
      words: (at, names) => `${at + 1} of ${names.length}: ${names[at] ?? ""}`,
      onStep: (layer) => model.choose({ layer }),
    });
    const way = segments(
      "By",
      "How the layer is inverted",
      [
        {
          value: "optimization",
          label: "Optimization",
          hint: "Searches a picture with these values, step by step (Mahendran & Vedaldi 2015): any layer",
        },
        {
          value: "network",
          label: "Trained network",
          hint: "Draws it in one pass (Dosovitskiy & Brox 2016): layers for which there is one",
        },
      ],
      (value) => model.choose({ way: value as InversionWay }),
    );
    const measure = segments(
      "Error",
      "What the chart shows",
      [
        { value: "pixels", label: "Of pixels", hint: "Root mean square, in gray levels of 255" },
        {
          value: "representation",
          label: "Of values",
          hint: "Squared difference of the layer's values, as a share of their square",
        },
      ],
      (value) => model.choose({ measure: value as InversionMeasure }),
    );
    const shown = panels();
    writes(slider.element, "layer");
    writes(way.element, "way");
    writes(measure.element, "measure");
    writes(shown.element);
    const strip = starts((start) => model.choose({ start }));
    writes(strip.element, "start");
    const words = element("p", { class: "limpid-inversion-words", role: "status" });
    const unit = element("span", { class: "limpid-inversion-unit" });
    const chart = stepChart({
      label: "Error by layer",
      format: (value) => said(value, model.trait("measure")),
      points: true,
      ends: true,
      onStep: (layer) => model.choose({ layer }),
    });
    const working = this.keep(
      progress(
        () => model.send({ event: "stop" }),
        "Inverting",
        "Stop: the last pictures stay",
        () => model.trait("doing") || "Inverting",
      ),
    );
    const ended = outcome(() => model.send({ event: "again" }));
    const again = button("Run again", "Invert this layer once more, from other starts", () =>
      model.send({ event: "again" }),
    );
    const all = button("All layers", "Invert every layer in this way, for the chart", () =>
      model.send({ event: "all" }),
    );
    const errors = titled("Error by layer", unit, chart.element);
    errors.classList.add("limpid-inversion-chart");
    this.lay(
      "inversion",
      top.element,
      element(
        "div",
        { class: "limpid-inversion-body" },
        element("div", { class: "limpid-inversion-controls" }, slider.element, way.element),
        shown.element,
        strip.element,
        words,
        element("div", { class: "limpid-inversion-run" }, buttonRow(again, all), working.element, ended.element),
        errors,
        measure.element,
      ),
    );

    this.draw(["layers", "layer"], () => slider.set(model.trait("layers"), model.trait("layer")));
    this.draw(["way", "networks"], () => {
      way.set(model.trait("way"));
      way.rest(model.trait("networks").length === 0 ? "There is no trained network for this model's layers" : null);
    });
    this.draw(["measure"], () => {
      measure.set(model.trait("measure"));
      unit.textContent =
        model.trait("measure") === "pixels"
          ? "root mean square, gray levels of 255, mean over starts"
          : "‖Φ(x) − Φ₀‖² / ‖Φ₀‖², of the layer's values, mean over starts";
    });
    this.draw(["original", "pictures", "difference", "start", "caption", "error", "running"], () => {
      const pictures = model.trait("pictures");
      shown.set(
        {
          original: model.trait("original"),
          reconstruction: pictures && pictureAt(pictures, Math.min(model.trait("start"), pictures.shape[0]! - 1)),
          difference: model.trait("difference"),
        },
        model.trait("caption"),
      );
      const error = model.trait("error");
      const waiting = model.running ? "Inverting…" : model.comm_live ? "Press “Run again”." : "Run the cell to start.";
      shown.say(error || (pictures === null ? waiting : ""), error !== "");
    });
    this.draw(["pictures", "pixelErrors", "start"], () =>
      strip.set(model.trait("pictures"), model.trait("pixelErrors"), model.trait("start")),
    );
    this.draw(["words"], () => {
      words.textContent = model.trait("words");
    });
    this.draw(["errors", "measure", "layers", "layer", "way"], () => {
      const lines = model.trait("errors").map((line) => ({
        name: line.way === "network" ? "trained network" : line.way,
        values: line[model.trait("measure")],
        chosen: line.way === model.trait("way"),
        error: "",
      }));
      chart.set(lines, model.trait("layers"), model.trait("layer"));
    });
    this.draw(["running", "progress", "doing", "way", "error"], () => {
      working.set(model.running, model.trait("progress"));
      this.el.setAttribute("aria-busy", String(model.running));
      // A network draws the same again, but it may have failed to come.
      const isSame = model.trait("way") === "network" && model.trait("error") === "";
      again.disabled = model.running || !model.comm_live || isSame;
      all.disabled = model.running || !model.comm_live;
    });
    this.draw(["running", "stopped", "error"], () => {
      const [stopped, live] = [model.trait("stopped"), model.comm_live];
      if (model.running || stopped === null) ended.set(null);
      else {
        ended.set({
          words: `Stopped at ${formatPercent(stopped)}: the last pictures stay.`,
          again: "Run again",
          hint: "Invert this layer from other starts",
          live,
        });
      }
    });
  }
}

const said = (value: number, measure: InversionMeasure): string =>
  measure === "pixels" ? formatFixed(value, value < 10 ? 1 : 0) : `${formatShort(100 * value, 2)} %`;
