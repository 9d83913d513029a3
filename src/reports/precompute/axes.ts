/** The settings of widgets that `report.precompute` names. */
import type { PrecomputeWish } from "../../comms/recording.js";
import type { Field } from "../../comms/states/field.js";
import type { WireState } from "../../comms/widget-channel.js";
import type { WidgetRegistry } from "../../comms/widget-registry.js";
import { LimpidError } from "../../explainers/errors.js";
import { same } from "../table.js";

/** `report.precompute` asked for what cannot be, or for more than it may take. */
export class PrecomputeError extends LimpidError {}

/** What is used of a widget. */
export interface SettableWidget {
  readonly id: string;
  set(values: object): void;
  pictureReady?(): Promise<unknown> | undefined;
}

/** A setting with the values that are computed. */
export interface WishedAxis {
  readonly widget: SettableWidget;
  readonly setting: string;
  readonly label: string;
  readonly values: readonly unknown[];
  readonly shown: unknown;
  readonly ordered: boolean;
  readonly group: number;
  /** The traits that give it a value. */
  readonly with: (values: object, value: unknown) => object;
}

/** The axes of a wish, on one widget or on each that has them all. @throws PrecomputeError */
export function axesOf(wish: PrecomputeWish, registry: WidgetRegistry): WishedAxis[][] {
  const names = wish.axes.map(({ name }) => name);
  if (wish.widget !== undefined) {
    const widget = wish.widget as SettableWidget;
    const state = registry.stateOf(widget.id);
    if (state === undefined)
      throw new PrecomputeError("report.precompute: the widget was closed before the report was made");
    return [axesOn(widget, state, wish)];
  }
  const able = [...registry.states()].filter(([, state]) => names.every((name) => kindOf(state, name) !== undefined));
  if (able.length === 0) {
    throw new PrecomputeError(`report.precompute: no widget has ${names.join(" and ")}; give the widget itself, first`);
  }
  return able.map(([id, state]) => axesOn(registry.find(id) as SettableWidget, state, wish));
}

/** Whether a state has a setting of that name: as a trait, or as a parameter of its method. */
function kindOf(state: WireState, name: string): "trait" | "parameter" | undefined {
  if (fieldOf(state, name) !== undefined) return "parameter";
  return Object.hasOwn(state, name) && !name.startsWith("_") ? "trait" : undefined;
}

const fieldOf = (state: WireState, name: string): Field | undefined =>
  Array.isArray(state["form"]) ? (state["form"] as Field[]).find((field) => field.name === name) : undefined;

function axesOn(widget: SettableWidget, state: WireState, wish: PrecomputeWish): WishedAxis[] {
  const groupOf = (name: string) => {
    const at = wish.together.findIndex((names) => names.includes(name));
    return at >= 0 ? at : wish.together.length + wish.axes.findIndex((axis) => axis.name === name);
  };
  return wish.axes.map(({ name, values }): WishedAxis => {
    const kind = kindOf(state, name);
    if (kind === undefined) {
      const fields = Array.isArray(state["form"]) ? (state["form"] as Field[]).map((field) => field.name) : [];
      const known = [...fields, ...Object.keys(state).filter((trait) => !trait.startsWith("_"))];
      throw new PrecomputeError(
        `report.precompute: the widget has no setting "${name}" now; it has ${known.join(", ")}`,
      );
    }
    const field = fieldOf(state, name);
    const parameters = (state["parameters"] ?? {}) as Record<string, unknown>;
    const shown = kind === "parameter" ? (parameters[name] ?? field!.default) : state[name];
    const listed = Array.isArray(values) ? values : topOf(state, name, (values as { top: number }).top);
    return {
      ...{ widget, shown, ordered: isOrdered(name, field), group: groupOf(name) },
      setting: kind === "parameter" ? `parameters.${name}` : name,
      label: field?.label ?? String(state["description"] || name),
      values: listed.filter((value, at) => !same(value, shown) && listed.findIndex((one) => same(one, value)) === at),
      with: (set, value) =>
        kind === "parameter"
          ? { ...set, parameters: { ...parameters, ...(set as { parameters?: object }).parameters, [name]: value } }
          : { ...set, [name]: value },
    };
  });
}

/** Numbers that only name something. */
const NAMES = new Set([
  "target",
  "channel",
  "cell",
  "layer",
  "index",
  "selected",
  "start",
  "group",
  "sample",
  "watched",
]);

/** Whether numbers of a setting are near each other, or each names another thing. */
const isOrdered = (name: string, field: Field | undefined): boolean =>
  field === undefined ? !NAMES.has(name) : ["slider", "number"].includes(field.control.kind);

/** The most probable classes that a widget lists. */
function topOf(state: WireState, name: string, count: number): number[] {
  const classes = state["classes"] as { index: number; not?: true; rank: number }[] | undefined;
  if (name !== "target" || !Array.isArray(classes)) {
    throw new PrecomputeError(
      `report.precompute: top(${count}) is for the target of a widget that lists classes, not for ${name}`,
    );
  }
  const best = classes.filter(({ not, rank }) => !not && rank <= count).map(({ index }) => index);
  if (best.length < count) {
    throw new PrecomputeError(
      `report.precompute: top(${count}) of ${best.length} classes; an explorer made with { top: ${count} } lists so many`,
    );
  }
  return best;
}

/** Every state that is computed, as the values of all axes: through the shown one along each group, and within groups all combinations. */
export function statesOf(axes: readonly WishedAxis[]): unknown[][] {
  const shown = axes.map((axis) => axis.shown);
  const groups = [...new Set(axes.map(({ group }) => group))];
  return groups.flatMap((group) => {
    let found: unknown[][] = [shown];
    axes.forEach((axis, at) => {
      if (axis.group !== group) return;
      found = found.flatMap((values) => [axis.shown, ...axis.values].map((value) => values.with(at, value)));
    });
    return found.slice(1);
  });
}
