import { formatFixed, formatNumber } from "../../comms/format.js";
import type { Field, FieldControl, FieldValue } from "../../comms/states/field.js";
import { checkbox } from "./checkbox.js";
import { type Choices, dropdown, segments } from "./choices.js";
import { element } from "./dom.js";
import { writes } from "./lock.js";
import { numberField } from "./number-field.js";
import { slider } from "./slider.js";

/** The part of a form that one field is. */
interface Control {
  element: HTMLElement;
  set(value: FieldValue): void;
  rest(reason: string | null): void;
}

type ControlOf<Kind> = Extract<FieldControl, { kind: Kind }>;
type OnChange = (value: FieldValue) => void;

export interface Form {
  element: HTMLElement;
  /** Which fields there are. Rows that stay keep their place and their focus. */
  offer(fields: readonly Field[]): void;
  /** Their values by name; defaults where there is none. */
  set(values: { readonly [name: string]: FieldValue }): void;
  /** At rest: a field has no effect now, for the reason given. */
  rest(name: string, reason: string | null): void;
  /** Marks the field of that name as wrong, and no other. */
  mark(name: string): void;
}

/**
 * Controls made from descriptions of fields; those seldom changed are folded away under "More".
 *
 * @param written the trait that a field writes, where that has not its name
 */
export function form(
  onChange: (name: string, value: FieldValue) => void,
  written: (name: string) => string = (name) => name,
): Form {
  const rows = element("div", { class: "limpid-settings" });
  const folded = element("div", { class: "limpid-settings" });
  const more = element("details", { class: "limpid-more", hidden: true }, element("summary", {}, "More"), folded);
  const made = new Map<string, { description: string; field: Field; control: Control }>();

  return {
    element: element("div", { class: "limpid-form" }, rows, more),
    offer(fields) {
      const controls = fields.map((field) => {
        const description = JSON.stringify(field);
        const before = made.get(field.name);
        if (before?.description === description) return before;
        const control = controlOf(field, (value) => onChange(field.name, value));
        writes(control.element, written(field.name));
        return { description, field, control };
      });
      made.clear();
      for (const entry of controls) made.set(entry.field.name, entry);
      const place = (minor: boolean) =>
        controls.filter(({ field }) => field.minor === minor).map(({ control }) => control.element);
      fill(rows, place(false));
      fill(folded, place(true));
      more.hidden = folded.childElementCount === 0;
    },
    set(values) {
      for (const [name, { field, control }] of made) control.set(values[name] ?? field.default);
    },
    rest: (name, reason) => made.get(name)?.control.rest(reason),
    mark(wrong) {
      for (const [name, { control }] of made) control.element.classList.toggle("limpid-fault", name === wrong);
    },
  };
}

/** Makes `wanted` the children of `parent` and moves none that stays: moving takes the focus away. */
function fill(parent: HTMLElement, wanted: readonly HTMLElement[]): void {
  for (const child of [...parent.children]) if (!wanted.includes(child as HTMLElement)) child.remove();
  wanted.forEach((child, place) => {
    if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] ?? null);
  });
}

function controlOf(field: Field, onChange: OnChange): Control {
  const { control, label, hint } = field;
  switch (control.kind) {
    case "slider":
      return sliderOf(field, control, onChange);
    case "number":
      return numberOf(field, control, onChange);
    case "choice":
      return choiceOf(field, control, onChange);
    case "switch": {
      const box = checkbox(label, hint, onChange);
      return { ...box, set: (value) => box.set(value === true) };
    }
  }
}

function sliderOf(field: Field, control: ControlOf<"slider">, onChange: OnChange): Control {
  const { label, hint, unit, factor } = field;
  const { from, to, step, logarithmic } = control;
  const decimals = decimalsOf(step / factor);
  const behind = unit === "" ? "" : `\u202f${unit}`;
  const made = slider({
    label,
    hint,
    min: logarithmic ? Math.log10(from) : from,
    max: logarithmic ? Math.log10(to) : to,
    step,
    logarithmic,
    format: (value) => (logarithmic ? formatNumber(value / factor, 2) : formatFixed(value / factor, decimals)) + behind,
    onInput: onChange,
  });
  return { ...made, set: (value) => made.set(Number(value)) };
}

function numberOf({ label, hint, unit, factor }: Field, control: ControlOf<"number">, onChange: OnChange): Control {
  const { least, most, whole, range } = control;
  const shown = (bound: number | null) => (bound === null ? null : bound / factor);
  const made = numberField({
    label,
    hint,
    unit,
    least: shown(least),
    most: shown(most),
    whole: whole && factor === 1,
    range,
    onChange: (value) => onChange(value === null ? null : value * factor),
  });
  return {
    ...made,
    set: (value) => made.set(typeof value === "number" ? value / factor : Array.isArray(value) ? value : null),
  };
}

/** How many decimals tell the multiples of a step apart without rounding one: 2 of 0.25. */
function decimalsOf(step: number): number {
  let decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  while (decimals < 6 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6) decimals++;
  return decimals;
}

/** Few and short choices stand side by side. */
const FEW = 3;
const SHORT = 24;

function choiceOf({ label, hint }: Field, { choices }: ControlOf<"choice">, onChange: OnChange): Control {
  const choose = (value: string) => onChange(value === "" ? null : value);
  const length = choices.reduce((sum, choice) => sum + choice.label.length, 0);
  const made: Choices =
    choices.length <= FEW && length <= SHORT ? segments(label, hint, choices, choose) : dropdown(label, hint, choose);
  made.offer(choices);
  return { ...made, set: (value) => made.set(value === null ? "" : String(value)) };
}

/** A field that is always in sight and has no unit, for a form that a widget lays out itself. */
export function plainField(name: string, label: string, hint: string, control: FieldControl): Field {
  return { name, label, hint, unit: "", factor: 1, minor: false, default: null, control };
}

/** A slider's part of a field. */
export const range = (from: number, to: number, step: number, logarithmic = false): FieldControl => ({
  kind: "slider",
  from,
  to,
  step,
  logarithmic,
});
