import { formatNumber, formatPercent, formatSigned } from "../../comms/format.js";
import {
  readingWords,
  type TextHeatmapState,
  type TextLevel,
  type TextUnit,
  textColor,
  textLevels,
  textLimits,
  textUnits,
  unitRelevance,
} from "../../comms/states/text-heatmap.js";
import { colorBar } from "../heatmap/color-bar.js";
import { button } from "../parts/buttons.js";
import { checkbox } from "../parts/checkbox.js";
import { segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { reads, writes } from "../parts/lock.js";
import { WidgetView } from "../parts/view.js";
import type { TextHeatmapModel } from "./model.js";
import { type Passage, passage } from "./passage.js";

const LEVEL_HINTS: Record<TextLevel, string> = {
  tokens: "The parts that the model takes in",
  words: "The sums of words",
  sentences: "The sums of sentences",
};

/** A text by one or several readings, below each other, with a scale. */
export class TextHeatmapView extends WidgetView<TextHeatmapState, TextHeatmapModel> {
  private units: TextUnit[] = [];
  /** The relevance of each unit, by reading, and the value of the end colors. */
  private relevance: Float32Array[] = [];
  private limits: number[] = [];
  private rows: { books: HTMLElement; passage: Passage }[] = [];
  /** The reading that is pointed into. */
  private pointed = 0;

  override render(): void {
    const model = this.shown;
    const top = this.keep(
      heading(model, () => {
        const readings = model.trait("readings");
        return readings.length === 1 ? readingWords(readings[0]!, model.trait("signed")) : "";
      }),
    );
    const failure = element("div", { class: "limpid-text-failure", role: "alert" });
    const level = segments("Color", "What gets one color: the values of its tokens are summed", [], (value) =>
      model.choose({ level: value as TextLevel }),
    );
    writes(level.element, "level");
    const scale = segments(
      "Scale",
      "Whether equal colors mean equal values in all texts",
      [
        { value: "own", label: "Each its own", hint: "The largest value of each text has the end color" },
        { value: "shared", label: "One for all", hint: "Equal colors are equal values" },
      ],
      (value) => model.choose({ scale: value as "own" | "shared" }),
    );
    writes(scale.element, "scale");
    const numbers = checkbox("Numbers", "Write each value below its words", (checked) =>
      model.choose({ numbers: checked }),
    );
    writes(numbers.element, "numbers");
    const restore = button("Restore all", "Takes back what is struck out", () => model.choose({ deleted: [] }));
    writes(restore, "deleted");
    const passages = element("div", { class: "limpid-text-passages" });
    const reading = element("p", { class: "limpid-text-reading", role: "status" });
    const bar = colorBar(null, textColor);
    const scaleNote = element("p", { class: "limpid-text-hint" });
    this.lay(
      "text-heatmap",
      top.element,
      failure,
      element(
        "div",
        { class: "limpid-text-body" },
        element("div", { class: "limpid-text-controls" }, level.element, scale.element, numbers.element, restore),
        passages,
        reading,
        element("div", { class: "limpid-text-scale" }, bar.element, scaleNote),
      ),
    );

    const cursorUnit = () => {
      const cursor = model.trait("cursor");
      return this.units.findIndex(({ tokens }) => tokens.includes(cursor));
    };
    const point = (at: number, unit: number) => {
      this.pointed = at;
      const cursor = this.units[unit]?.tokens[0] ?? -1;
      if (cursor === model.trait("cursor")) read();
      else model.choose({ cursor });
    };
    const strike = (unit: number) => {
      if (!model.trait("deletable")) return;
      const { tokens } = this.units[unit]!;
      const gone = new Set(model.trait("deleted"));
      const isGone = tokens.every((token) => gone.has(token));
      for (const token of tokens) {
        if (isGone) gone.delete(token);
        else gone.add(token);
      }
      model.choose({ deleted: [...gone].sort((a, b) => a - b) });
    };
    const isOneScale = () =>
      this.rows.length === 1 || model.trait("scale") === "shared" || model.trait("limit") !== null;
    const read = () => {
      const unit = cursorUnit();
      for (const row of this.rows) row.passage.mark(unit);
      reading.textContent = this.reading(unit);
      const own = this.relevance[this.pointed]?.[unit];
      bar.mark(own === undefined || !isOneScale() ? null : own);
    };
    const struck = () => {
      const gone = new Set(model.trait("deleted"));
      const all = this.units.map(({ tokens }) => tokens.every((token) => gone.has(token)));
      for (const row of this.rows) row.passage.strike(all);
      restore.hidden = gone.size === 0;
    };
    const paint = () => {
      const [signed, withNumbers] = [model.trait("signed"), model.trait("numbers")];
      this.limits = textLimits(this.relevance, { scale: model.trait("scale"), limit: model.trait("limit") });
      this.rows.forEach((row, at) => {
        row.passage.color({ values: this.relevance[at]!, limit: this.limits[at]!, signed, numbers: withNumbers });
      });
      bar.element.hidden = !isOneScale();
      scaleNote.hidden = isOneScale();
      scaleNote.textContent = `The largest value of each text has its end color: ${this.limits
        .map((limit, at) => `${model.trait("readings")[at]!.label} ${formatNumber(limit, 2)}`)
        .join(", ")}.`;
      bar.set(this.limits[0] ?? 0, signed, false);
      read();
    };
    const books = () => {
      const readings = model.trait("readings");
      top.show();
      this.rows.forEach((row, at) => {
        row.books.textContent = readingWords(readings[at]!, model.trait("signed"));
      });
    };
    const lay = () => {
      const readings = model.trait("readings");
      const relevance = model.trait("relevance");
      const state = {
        spans: model.trait("spans"),
        words: model.trait("words"),
        sentences: model.trait("sentences"),
      };
      const levels = textLevels(state);
      level.offer(levels.map(({ level: value, label }) => ({ value, label, hint: LEVEL_HINTS[value] })));
      level.set(model.trait("level"));
      level.element.hidden = levels.length === 1;
      scale.element.hidden = readings.length < 2 || model.trait("limit") !== null;
      this.units = textUnits({ ...state, level: model.trait("level") });
      this.relevance = readings.map((_, at) => unitRelevance(this.units, relevance!.values, at));
      if (this.rows.length !== readings.length) {
        this.rows = readings.map((_, at) => ({
          books: element("span", { class: "limpid-books" }),
          passage: passage(
            (unit) => point(at, unit),
            (unit) => strike(unit),
          ),
        }));
        passages.replaceChildren(
          ...this.rows.map((row, at) => {
            const name = element("h4", {}, readings[at]!.label);
            const head = element("div", { class: "limpid-text-head" }, name, " ", row.books);
            head.hidden = readings.length === 1;
            reads(row.passage.element);
            return element("section", {}, head, row.passage.element);
          }),
        );
      }
      const deletable = model.trait("deletable");
      this.rows.forEach((row, at) => {
        writes(row.passage.element, deletable ? "deleted" : "cursor");
        row.passage.element.classList.toggle("limpid-text-deletable", deletable);
        const by = readings[at]!.label === "" ? "" : ` by ${readings[at]!.label}`;
        const keys = deletable ? " Enter strikes a word out, or takes it back." : "";
        row.passage.name(`The text, colored${by}. Arrow keys read its values.${keys}`);
        row.passage.long(model.trait("level") === "sentences");
        row.passage.write({ text: model.trait("text"), units: this.units });
      });
      struck();
      books();
      paint();
    };
    this.draw(["text", "spans", "words", "sentences", "relevance", "level", "deletable"], lay);
    this.draw(["readings"], () => {
      if (this.rows.length === model.trait("readings").length) books();
      else lay();
    });
    this.draw(["scale", "limit", "signed", "numbers"], () => {
      books();
      scale.set(model.trait("scale"));
      scale.element.hidden = this.rows.length < 2 || model.trait("limit") !== null;
      numbers.set(model.trait("numbers"));
      paint();
    });
    this.draw(["deleted"], struck);
    this.draw(["cursor"], read);
    this.draw(["error"], () => {
      failure.textContent = model.trait("error");
      failure.hidden = model.trait("error") === "";
    });
    this.draw(["running"], () => this.el.setAttribute("aria-busy", String(model.trait("running") && model.comm_live)));
  }

  /** What the unit that is pointed at weighs. */
  private reading(unit: number): string {
    const model = this.shown;
    const found = this.units[unit];
    if (found === undefined) {
      return `Point at a word to read its value${model.trait("deletable") ? "; click it to strike it out" : ""}.`;
    }
    const { start, end } = found;
    const words = model.trait("text").slice(start, end);
    const signed = model.trait("signed");
    const values = model.trait("readings").map(({ label }, at) => {
      const all = this.relevance[at]!;
      const value = all[unit]!;
      const sizes = all.reduce((sum, one) => sum + Math.abs(one), 0);
      const share = sizes > 0 ? ` (${formatPercent(Math.abs(value) / sizes)} of all values’ sizes)` : "";
      return `${label} ${signed ? formatSigned(value) : formatNumber(value)}${share}`.trim();
    });
    return [`“${words.length > 60 ? `${words.slice(0, 59)}…` : words}”`, ...values].join(" · ");
  }
}
