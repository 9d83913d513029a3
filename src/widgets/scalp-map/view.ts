import { formatNumber, formatSigned } from "../../comms/format.js";
import { electrodeValues, interpolated, magnitudeOf, type ScalpMapState } from "../../comms/states/scalp-map.js";
import { timeNumber, windowWords } from "../../comms/states/signal-rows.js";
import { type ColorBar, colorBar } from "../heatmap/color-bar.js";
import { button } from "../parts/buttons.js";
import { checkbox } from "../parts/checkbox.js";
import { segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { writes } from "../parts/lock.js";
import { type Slider, slider } from "../parts/slider.js";
import { WidgetView } from "../parts/view.js";
import { type Head, head, type Pointed } from "./head.js";
import type { ScalpMapModel, ShownPart } from "./model.js";

/** A map as it stands: its head, its scale, and what it shows now. */
interface Standing {
  readonly part: ShownPart;
  readonly head: Head;
  readonly bar: ColorBar;
  values: Float32Array;
  map: Float32Array;
  limit: number;
}

/** Heads from above with values at electrodes, interpolated, side by side. */
export class ScalpMapView extends WidgetView<ScalpMapState, ScalpMapModel> {
  private standing: Standing[] = [];
  /** A place between electrodes that is pointed at. */
  private between: { map: number; value: number } | null = null;

  override render(): void {
    const model = this.shown;
    const heads = element("div", { class: "limpid-scalp-heads" });
    const note = element("div", { class: "limpid-note", role: "alert", hidden: true });
    const reading = element("p", { class: "limpid-scalp-reading", role: "status" });
    const about = element("p", { class: "limpid-scalp-about" });
    const when = element("p", { class: "limpid-scalp-when", role: "status" });
    const timePlace = element("div", { class: "limpid-scalp-times" });
    const all = button("All times", "Show the mean or the sum over all times", () => model.choose({ brush: [] }));
    writes(all, "brush");
    const scale = segments(
      "Scale",
      "Whether the colors of all heads mean the same values",
      [
        { value: "each", label: "Each its own", hint: "The strongest value of each head gets the end color" },
        { value: "shared", label: "Shared", hint: "One scale: heads can be compared" },
      ],
      (value) => model.choose({ scale: value as ScalpMapState["scale"] }),
    );
    const contours = checkbox("Contours", "Lines of equal value, the one of zero thicker", (shown) =>
      model.choose({ contours: shown }),
    );
    const names = checkbox("Names", "Names of the electrodes", (shown) => model.choose({ names: shown }));
    writes(scale.element, "scale");
    writes(contours.element, "contours");
    writes(names.element, "names");
    const controls = element("div", { class: "limpid-scalp-controls" }, scale.element, contours.element, names.element);
    this.lay(
      "scalp-map",
      this.keep(heading(model)).element,
      element(
        "div",
        { class: "limpid-scalp-body" },
        element("div", { class: "limpid-scalp-pane" }, heads, note),
        reading,
        when,
        timePlace,
        controls,
        about,
      ),
    );
    this.keep({ dispose: () => this.clear() });

    let sliders: { from: Slider; to: Slider } | null = null;
    this.draw(["maps", "electrodes", "weights", "drawn", "places", "error"], () => {
      this.clear();
      const isThere = model.maps.length > 0 && model.trait("weights") !== null;
      const error = model.trait("error");
      note.hidden = error === "" && isThere;
      note.classList.toggle("limpid-error", error !== "");
      note.replaceChildren(
        element("strong", {}, error ? "This could not be shown" : "Nothing to show yet"),
        element("span", {}, error || "Give maps of electrodes, and heads appear here."),
      );
      this.el.classList.toggle("limpid-vacant", !isThere);
      controls.hidden = about.hidden = reading.hidden = !isThere;
      scale.element.hidden = model.maps.length < 2;
      if (isThere) heads.replaceChildren(...model.maps.map((part, at) => this.standUp(part, at)));
      else heads.replaceChildren();
      about.textContent = `Seen from above, the nose up. Between electrodes values are interpolated (spherical splines); blank is what lies outside of them, or more than ${formatNumber(model.trait("reach"), 2)}° from every one.`;
    });
    this.draw(["maps", "rate", "start", "timeUnit", "event"], () => {
      const samples = this.samples();
      timePlace.hidden = when.hidden = samples < 2;
      sliders = samples < 2 ? null : this.timeSliders(samples);
      timePlace.replaceChildren(...(sliders === null ? [] : [sliders.from.element, sliders.to.element, all]));
    });
    this.draw(
      [
        "maps",
        "electrodes",
        "weights",
        "drawn",
        "places",
        "brush",
        "scale",
        "contours",
        "names",
        "electrode",
        "error",
        "rate",
        "start",
      ],
      () => {
        this.compute();
        this.paint();
        const samples = this.samples();
        const [from = 0, to = samples] = model.trait("brush");
        sliders?.from.set(from);
        sliders?.to.set(to);
        all.disabled = model.trait("brush").length === 0;
        if (samples > 1) {
          const event = model.trait("event");
          when.textContent = `${windowWords(this.times(), model.trait("brush"), samples)}${event === "" ? "" : `; 0: ${event}`}`;
        }
        scale.set(model.trait("scale"));
        contours.set(model.trait("contours"));
        names.set(model.trait("names"));
        reading.textContent = this.reading();
      },
    );
    this.onRead = () => {
      reading.textContent = this.reading();
    };
  }

  private onRead = () => {};

  private clear(): void {
    for (const { head: one } of this.standing) one.dispose();
    this.standing = [];
    this.between = null;
  }

  private samples(): number {
    return Math.max(1, ...this.shown.maps.map(({ values }) => values.shape[1] ?? 1));
  }

  private times() {
    const model = this.shown;
    return { rate: model.trait("rate"), start: model.trait("start"), timeUnit: model.trait("timeUnit") };
  }

  private timeSliders(samples: number): { from: Slider; to: Slider } {
    const model = this.shown;
    const times = this.times();
    const unit = times.rate === null ? "" : ` ${times.timeUnit}`;
    const range = () => {
      const [from = 0, to = samples] = model.trait("brush");
      return { from, to };
    };
    const from = slider({
      label: "From",
      hint: "The first time that is seen",
      min: 0,
      max: samples - 1,
      step: 1,
      format: (at) => `${timeNumber(times, at)}${unit}`,
      onInput: (at) => model.choose({ brush: [at, Math.max(range().to, at + 1)] }),
    });
    const to = slider({
      label: "To",
      hint: "The last time that is seen",
      min: 1,
      max: samples,
      step: 1,
      format: (at) => `${timeNumber(times, times.rate === null ? at - 1 : at)}${unit}`,
      onInput: (at) => model.choose({ brush: [Math.min(range().from, at - 1), at] }),
    });
    for (const one of [from, to]) writes(one.element, "brush");
    return { from, to };
  }

  private standUp(part: ShownPart, at: number): HTMLElement {
    const made: Standing = {
      part,
      head: head(
        (pointed) => this.point(at, pointed),
        (sign) => extremeOf(made.values, sign),
      ),
      bar: colorBar(null),
      values: new Float32Array(),
      map: new Float32Array(),
      limit: 0,
    };
    this.standing.push(made);
    const title = `${part.title}${part.unit && ` (${part.unit})`}`;
    return element("section", {}, element("h4", { hidden: title === "" }, title), made.head.element, made.bar.element);
  }

  private point(at: number, pointed: Pointed | null): void {
    const model = this.shown;
    this.between = pointed !== null && "value" in pointed ? { map: at, value: pointed.value } : null;
    const electrode = pointed !== null && "electrode" in pointed ? pointed.electrode : -1;
    if (electrode !== model.trait("electrode")) model.choose({ electrode });
    this.mark();
    this.onRead();
  }

  /** What each head shows of what is brushed. */
  private compute(): void {
    const model = this.shown;
    const [drawn, weights] = [model.trait("drawn"), model.trait("weights")];
    if (drawn === null || weights === null) return;
    for (const one of this.standing) {
      const { values, over } = one.part;
      one.values = electrodeValues(values.values, model.trait("electrodes").length, over, model.trait("brush"));
      one.map = interpolated(drawn.values, weights.values, one.values);
      one.limit = magnitudeOf(one.values);
    }
    const most = Math.max(...this.standing.map(({ limit }) => limit));
    if (model.trait("scale") === "shared") for (const one of this.standing) one.limit = most;
  }

  private paint(): void {
    const model = this.shown;
    for (const { head: one, part, map, limit, bar } of this.standing) {
      one.set({
        label: part.title || "Map",
        map,
        side: model.trait("drawn")?.shape[0] ?? 0,
        limit,
        signed: part.signed,
        places: model.trait("places")!.values,
        electrodes: model.trait("electrodes"),
        contours: model.trait("contours"),
        names: model.trait("names"),
        electrode: model.trait("electrode"),
      });
      bar.set(limit, part.signed, false, part.ends);
    }
    this.mark();
  }

  private mark(): void {
    const electrode = this.shown.trait("electrode");
    for (const [at, { bar, values }] of this.standing.entries()) {
      bar.mark(electrode >= 0 ? (values[electrode] ?? null) : this.between?.map === at ? this.between.value : null);
    }
  }

  /** The values where it is pointed at. */
  private reading(): string {
    const model = this.shown;
    const electrode = model.trait("electrode");
    const name = model.trait("electrodes")[electrode];
    const write = ({ part }: Standing, value: number) =>
      `${part.title || "value"} ${(part.signed ? formatSigned : formatNumber)(value)}${part.unit === "" ? "" : ` ${part.unit}`}`;
    if (name !== undefined) {
      return [name, ...this.standing.map((one) => write(one, one.values[electrode] ?? Number.NaN))].join(" · ");
    }
    if (this.between !== null && this.standing[this.between.map] !== undefined) {
      return `Between electrodes, interpolated · ${write(this.standing[this.between.map]!, this.between.value)}`;
    }
    return "Point at an electrode to read it.";
  }
}

/** The electrode with the largest (1) or smallest (−1) value. */
function extremeOf(values: Float32Array, sign: 1 | -1): number {
  let found = 0;
  for (let at = 1; at < values.length; at++) if (sign * values[at]! > sign * values[found]!) found = at;
  return found;
}
