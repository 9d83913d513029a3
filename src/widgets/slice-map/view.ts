import { formatFixed } from "../../comms/format.js";
import type { SliceMapState } from "../../comms/states/slice-map.js";
import { agreementOf, agreementWords, mapAt, type Plane, placeWords, planesOf } from "../../comms/states/slices.js";
import { element, emphasize } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { writes } from "../parts/lock.js";
import { slider } from "../parts/slider.js";
import { stepSlider } from "../parts/step-slider.js";
import { WidgetView } from "../parts/view.js";
import type { SliceMapModel } from "./model.js";
import { type Panel, panel } from "./panel.js";

/** Maps of a volume beside each other, cut where its reader points. */
export class SliceMapView extends WidgetView<SliceMapState, SliceMapModel> {
  private panels: Panel[] = [];

  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model));
    const maps = element("div", { class: "limpid-slice-maps" });
    const place = element("div", { class: "limpid-slice-place", role: "status" });
    const words = element("div", { class: "limpid-slice-agreement" });
    const frames = stepSlider({
      label: "",
      hint: "Which of the volumes is shown",
      words: (at, names) => names[at] ?? "",
      onStep: (frame) => model.choose({ frame }),
    });
    const cuts = element("div", { class: "limpid-settings" });
    const looks = [
      writes(
        this.look("Threshold", "threshold", {
          hint: "Hides that many of each map's voxels, those of the least magnitude",
          ...{ min: 0, max: 99, step: 1, digits: 0, unit: "\u202f%" },
        }),
        "threshold",
      ),
      writes(
        this.look("Opacity", "opacity", {
          hint: "How strongly the maps cover what lies beneath",
          ...{ min: 0, max: 1, step: 0.05, digits: 2, unit: "" },
        }),
        "opacity",
      ),
      writes(
        // Not "Contrast", as elsewhere: that is what one of the maps is called, as a rule.
        this.look("Color range", "percentile", {
          hint: "Share of the values that the colors tell apart: less shows faint ones, and the strongest alike",
          ...{ min: 90, max: 100, step: 0.1, digits: 1, unit: "\u202f%" },
        }),
        "percentile",
      ),
    ];
    const controls = element(
      "div",
      { class: "limpid-slice-controls" },
      cuts,
      element("div", { class: "limpid-settings" }, ...looks),
    );
    const body = element("div", { class: "limpid-slice-body" }, frames.element, maps, place, words, controls);
    this.lay("slice-map", top.element, body);
    writes(frames.element, "frame");

    this.draw(["frames", "frame", "frameLabel"], () => {
      const names = model.trait("frames");
      frames.element.hidden = names.length < 2;
      frames.element.querySelector("label")!.textContent = model.trait("frameLabel");
      frames.set(names, model.trait("frame"));
    });
    this.draw(["maps", "shape", "directions"], () => {
      for (const one of this.panels) one.dispose();
      const planes = planesOf(model.trait("shape"), model.trait("directions"));
      const read = (voxel: readonly number[] | null) => {
        for (const one of this.panels) one.read(voxel);
        place.textContent = placeWords(voxel ?? model.trait("cursor"), model.trait("affine"));
      };
      this.panels = model.trait("maps").map((info, map) =>
        panel(info, planes, {
          read,
          move: (voxel) => model.choose({ cursor: [...voxel] }),
          hold: (limit) => {
            const limits = model.trait("maps").map((_, other) => model.trait("limits")[other] ?? null);
            model.choose({ limits: limits.map((old, other) => (other === map ? limit : old)) });
          },
        }),
      );
      maps.replaceChildren(...this.panels.map((one) => one.element));
      maps.classList.toggle("limpid-slice-alone", this.panels.length === 1);
      this.cut(cuts, planes);
    });
    this.draw(
      ["shape", "voxel", "cursor", "ground", "values", "frame", "threshold", "opacity", "percentile", "limits"],
      () => this.paint(place),
    );
    this.draw(["values", "maps", "frame", "threshold"], () => this.compare(words));
    this.draw(["ground"], () => {
      looks[1]!.hidden = model.trait("ground") === null;
    });
  }

  override remove() {
    for (const one of this.panels) one.dispose();
    return super.remove();
  }

  /** A slider of how maps are seen, bound to its trait. */
  private look(
    label: string,
    trait: "threshold" | "opacity" | "percentile",
    {
      hint,
      digits,
      unit,
      ...range
    }: { hint: string; min: number; max: number; step: number; digits: number; unit: string },
  ): HTMLElement {
    const model = this.shown;
    const made = slider({
      ...{ label, hint, ...range },
      format: (value) => `${formatFixed(value, digits)}${unit}`,
      onInput: (value) => model.choose({ [trait]: value }),
    });
    this.draw([trait], () => made.set(model.trait(trait)));
    return made.element;
  }

  /** A slider for each cut that has others behind it. */
  private cut(box: HTMLElement, planes: readonly Plane[]): void {
    const model = this.shown;
    const axes = planes.filter(({ normal }) => (model.trait("shape")[2 - normal] ?? 1) > 1);
    box.hidden = axes.length === 0;
    const made = axes.map(({ name, normal }) => {
      const one = stepSlider({
        label: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
        hint: `Where the ${name} cut lies, along ${"xyz"[normal]}`,
        words: (at) => `${"xyz"[normal]} ${at}`,
        onStep: (at) => {
          const cursor = [...model.trait("cursor")];
          cursor[normal] = at;
          model.choose({ cursor });
        },
      });
      writes(one.element, "cursor");
      return { ...one, normal };
    });
    box.replaceChildren(...made.map((one) => one.element));
    this.place = () => {
      for (const { set, normal } of made) {
        const steps = Array.from({ length: model.trait("shape")[2 - normal] ?? 1 }, (_, at) => String(at));
        set(steps, model.trait("cursor")[normal] ?? 0);
      }
    };
  }

  /** Moves the sliders of the cuts to the cross. */
  private place = () => {};

  private paint(place: HTMLElement): void {
    const model = this.shown;
    const values = model.trait("values");
    if (values === null) return;
    this.place();
    place.textContent = placeWords(model.trait("cursor"), model.trait("affine"));
    const shared = {
      shape: model.trait("shape"),
      voxel: model.trait("voxel"),
      cursor: model.trait("cursor"),
      ground: model.trait("ground")?.values ?? null,
      threshold: model.trait("threshold"),
      opacity: model.trait("opacity"),
      percentile: model.trait("percentile"),
    };
    const frame = model.trait("frame");
    this.panels.forEach((one, map) => {
      one.set({ ...shared, values: this.valuesOf(frame, map), held: model.trait("limits")[map] ?? null });
    });
  }

  private parts = new Map<string, Float32Array>();
  private whole: Float32Array | null = null;

  /** The same array for the same map, so that its scale is not looked for again. */
  private valuesOf(frame: number, map: number): Float32Array {
    const all = this.shown.trait("values")!;
    if (all.values !== this.whole) this.parts.clear();
    this.whole = all.values;
    const key = `${frame} ${map}`;
    const found = this.parts.get(key) ?? mapAt(all, frame, map);
    this.parts.set(key, found);
    return found;
  }

  /** How the maps go together, in words: the first with each other. */
  private compare(words: HTMLElement): void {
    const model = this.shown;
    const [maps, frame, threshold] = [model.trait("maps"), model.trait("frame"), model.trait("threshold")];
    words.hidden = model.trait("values") === null || maps.length < 2;
    if (words.hidden) return;
    words.replaceChildren(
      ...maps.slice(1).map(({ label }, other) => {
        const agreement = agreementOf(this.valuesOf(frame, 0), this.valuesOf(frame, other + 1), threshold);
        const line = element("p", {});
        emphasize(line, `*${maps[0]!.label}* and *${label}*: ${agreementWords(agreement, threshold)}`);
        return line;
      }),
    );
  }
}
