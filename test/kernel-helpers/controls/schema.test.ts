/** Every model of the published schema of ipywidgets 8 beside ours: names, kinds, defaults, and the values of enumerations. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as limpid from "../../../src/kernel-helpers/index.js";
import { TraitError, type Widget } from "../../../src/kernel-helpers/widgets/index.js";
import { FrontEnd, type State, turn } from "../../comms/front-end.js";

interface Attribute {
  name: string;
  type: string | string[];
  default: unknown;
  allow_none?: boolean;
  enum?: string[];
  widget?: string;
}

interface Model {
  attributes: Attribute[];
  model: { module: string; name: string; version: string };
  view: { module: string; name: string | null; version: string };
}

const schema = JSON.parse(
  readFileSync(
    createRequire(import.meta.url).resolve("@jupyter-widgets/schema/jupyterwidgetmodels.latest.json"),
    "utf8",
  ),
) as Model[];

type Made = Widget & { [trait: string]: unknown };
type Kind = new (initial?: object) => Made;
const kinds = limpid as unknown as Record<string, Kind>;
const slider = () => new limpid.IntSlider();

/** The classes whose model has another name, and those that cannot be made of nothing. */
const makers: Record<string, () => unknown> = {
  DatetimeModel: () => new limpid.DatetimePicker(),
  NaiveDatetimeModel: () => new limpid.NaiveDatetimePicker(),
  TimeModel: () => new limpid.TimePicker(),
  SelectionSliderModel: () => new limpid.SelectionSlider({ options: ["a"] }),
  SelectionRangeSliderModel: () => new limpid.SelectionRangeSlider({ options: ["a"] }),
  LinkModel: () => limpid.jslink([slider(), "value"], [slider(), "value"]),
  DirectionalLinkModel: () => limpid.jsdlink([slider(), "value"], [slider(), "value"]),
  ButtonStyleModel: () => new limpid.Button().style,
  CheckboxStyleModel: () => new limpid.Checkbox().style,
  DescriptionStyleModel: () => new limpid.Valid().style,
  HTMLMathStyleModel: () => new limpid.HTMLMath().style,
  HTMLStyleModel: () => new limpid.HTML().style,
  LabelStyleModel: () => new limpid.Label().style,
  ProgressStyleModel: () => new limpid.IntProgress().style,
  SliderStyleModel: () => new limpid.IntSlider().style,
  TextStyleModel: () => new limpid.Text().style,
  ToggleButtonStyleModel: () => new limpid.ToggleButton().style,
  ToggleButtonsStyleModel: () => new limpid.ToggleButtons().style,
};

/** Where an instance of ipywidgets itself is not as its schema says; `ipywidgets-states.json` has those. */
const instead: Record<string, unknown> = {
  "IntRangeSliderModel.value": [25, 75],
  "FloatRangeSliderModel.value": [25, 75],
  "FileUploadModel.description": "Upload",
  "SelectionSliderModel._options_labels": ["a"],
  "SelectionRangeSliderModel._options_labels": ["a"],
};

const make = (name: string) => (makers[name]?.() ?? new kinds[name.replace(/Model$/, "")]!()) as Made;

for (const { model, view, attributes } of schema) {
  // The class that pictures, films and sounds have in common; it has no view.
  if (model.name === "DOMWidgetModel") continue;
  test(`${model.name} is as the schema of ipywidgets says`, async () => {
    const frontEnd = new FrontEnd().attach();
    const widget = make(model.name);
    await turn();
    const state = frontEnd.models.get(widget.id) as State;
    assert.ok(state, "it was announced");
    const named = attributes.map(({ name }) => name).sort();
    const ours = Object.keys(state).filter((name) => name !== "_view_count" && state[name] !== undefined);
    assert.deepEqual(ours.sort(), named, "the same traits");
    assert.deepEqual(
      [state["_model_module"], state["_model_module_version"], state["_view_name"], state["_view_module"]],
      [model.module, model.version, view.name, view.module],
    );
    for (const { name, type, default: initial, allow_none: isNullable, enum: choices, widget: kind } of attributes) {
      const held = state[name];
      if (type === "reference") {
        const id = String(held).replace("IPY_MODEL_", "");
        assert.equal(frontEnd.models.get(id)?.["_model_name"], `${kind}Model`, name);
      } else if (type === "bytes") assert.equal((held as DataView).byteLength, 0, name);
      else if (!["source", "target"].includes(name)) {
        assert.deepEqual(held, instead[`${model.name}.${name}`] ?? initial, name);
      }
      if (name.startsWith("_")) continue;
      if (isNullable && !name.endsWith("_style")) widget.set({ [name]: null });
      for (const choice of choices ?? []) widget.set({ [name]: choice });
      const isNumber = [type].flat().some((one) => one === "int" || one === "float");
      const other = choices ? "none of them" : isNumber ? "many" : -0.5;
      assert.throws(() => widget.set({ [name]: other }), TraitError, `${name} refuses ${JSON.stringify(other)}`);
    }
  });
}
