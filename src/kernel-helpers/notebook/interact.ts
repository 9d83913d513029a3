import { isRecord } from "../../comms/states/traits.js";
import { VBox } from "../controls/boxes.js";
import { Checkbox } from "../controls/buttons.js";
import { Dropdown } from "../controls/selection.js";
import { FloatSlider, IntSlider } from "../controls/sliders.js";
import { Text } from "../controls/texts.js";
import { Widget } from "../widgets/base/widget.js";
import { Output } from "./output.js";
import { OutputList } from "./output-list.js";

/**
 * What a parameter may be: `[min, max]` or `[min, max, step]` for a slider (over integers when all are), a number for a
 * slider around it, true or false for a checkbox, a string for a text field, a list of strings or an object of values by label
 * for a drop-down list, or a widget that has a value.
 */
export type Choices =
  | readonly [min: number, max: number]
  | readonly [min: number, max: number, step: number]
  | number
  | boolean
  | string
  | readonly string[]
  | Readonly<Record<string, unknown>>
  | Widget;

/** The values that controls of those choices have. */
export type Values<C> = { [K in keyof C]: ValueOf<C[K]> };
type ValueOf<C> = C extends Widget & { value: infer V }
  ? V
  : C extends number | readonly number[]
    ? number
    : C extends boolean
      ? boolean
      : C extends string
        ? string
        : C extends readonly (infer S)[]
          ? S
          : C extends Readonly<Record<string, infer V>>
            ? V
            : never;

/** A parameter of `interact` was given as something that has no control. */
export class InteractError extends Error {
  override name = "InteractError";
}

/**
 * Calls `show` with the values of controls, now and whenever one changes, and puts what it returns or displays below them.
 *
 * `show` may be asynchronous: the result of an earlier call never replaces that of a later one, and the earlier one's signal
 * is aborted. An error is shown in the result's place. The widget is shown as a cell's last expression or by `display`.
 *
 * @example
 * interact(({ gamma, bias }) => explain(photo, gamma, bias), { gamma: [0, 1, 0.01], bias: ["absorb", "ignore"] });
 */
export function interact<const C extends Record<string, Choices>>(
  show: (values: Values<C>, options: { signal: AbortSignal }) => unknown,
  choices: C,
): VBox {
  const controls = Object.entries(choices).map(([name, choice]) => [name, controlFor(name, choice)] as const);
  const output = new Output();
  let running = new AbortController();

  const run = async () => {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    const values = Object.fromEntries(controls.map(([name, control]) => [name, control.get("value")]));
    const shown = new OutputList();
    try {
      const result = await shown.capture(() => show(values as Values<C>, { signal }));
      if (result !== undefined) shown.append(result);
    } catch (error) {
      shown.fail(error);
    }
    if (!signal.aborted) output.outputs = [...shown.outputs];
  };
  // A newer value aborts what is under way for the older, so it may not wait for that.
  for (const [, control] of controls) control.observe(run, "value", { overlap: true });
  void run();
  return new VBox([...controls.map(([, control]) => control), output]);
}

function controlFor(description: string, choice: Choices): Widget {
  if (choice instanceof Widget) {
    if (choice.get("value") === undefined) throw new InteractError(`${description}: a ${choice} has no value`);
    return choice;
  }
  if (typeof choice === "boolean") return new Checkbox({ value: choice, description });
  if (typeof choice === "string") return new Text({ value: choice, description });
  if (typeof choice === "number") {
    const [min, max] = choice === 0 ? [0, 1] : choice > 0 ? [-choice, 3 * choice] : [3 * choice, -choice];
    return slider(description, min, max, undefined, choice);
  }
  if (Array.isArray(choice)) {
    const [min, max, step, ...more] = choice as unknown[];
    if (typeof min === "number" && typeof max === "number" && more.length === 0) {
      if (step === undefined || typeof step === "number") return slider(description, min, max, step);
    }
    if (choice.length > 0 && choice.every((item) => typeof item === "string")) {
      return new Dropdown({ options: choice, description });
    }
  }
  if (isRecord(choice) && Object.keys(choice).length > 0) return new Dropdown({ options: choice, description });
  throw new InteractError(
    `${description}: no control for ${JSON.stringify(choice)}; give [min, max, step], a number, true or false, a string, ` +
      "a list of strings, an object of values by label, or a widget",
  );
}

/** A slider that starts in the middle unless told otherwise. */
function slider(description: string, min: number, max: number, step?: number, value?: number): Widget {
  if (min > max) throw new InteractError(`${description}: the range from ${min} to ${max} is empty`);
  const whole = [min, max, step ?? 1, value ?? 0].every(Number.isInteger);
  if (whole)
    return new IntSlider({ description, min, max, step: step ?? 1, value: value ?? Math.floor((min + max) / 2) });
  const fine = step ?? (max - min) / 100;
  return new FloatSlider({ description, min, max, step: fine, value: value ?? (min + max) / 2, readout_format: ".3g" });
}
