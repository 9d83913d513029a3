import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOnWire, ownWidget } from "../../../src/comms/states/module.js";
import { initialState } from "../../../src/comms/states/traits.js";
import { TraitError } from "../../../src/kernel-helpers/widgets/base/trait-error.js";
import { FrontEnd, turn } from "../../comms/front-end.js";
import { thermometerState } from "./thermometer/state.js";
import { Thermometer } from "./thermometer/thermometer.js";

// The recipe of CONTRIBUTING.md, "A widget", followed: a state (thermometer/state.ts), and what is computed from it
// (thermometer/thermometer.ts). The browser's half reads the same state.

test("a widget that is a state and what it computes works over the comm manager as the others do", async () => {
  const frontEnd = new FrontEnd().attach();
  const thermometer = new Thermometer({ scale: "fahrenheit" });
  await turn();
  const { _dom_classes, layout, tabbable, tooltip, ...sent } = frontEnd.models.get(thermometer.id)!;
  assert.deepEqual(sent, {
    ...nameOnWire(ownWidget("Thermometer")),
    ...initialState(thermometerState),
    scale: "fahrenheit",
    words: "68.0 °F",
  });

  // A view moves a slider, and hears what it means.
  frontEnd.update(thermometer.id, { celsius: 37, scale: "celsius" });
  await turn();
  assert.equal(frontEnd.models.get(thermometer.id)!["words"], "37.0 °C");
  // A value out of range comes back as what holds.
  frontEnd.update(thermometer.id, { celsius: -300 });
  await turn();
  assert.match(String(frontEnd.reported), /Thermometer.celsius must be a number between -273.15 and 1000, not -300/);
  assert.equal(frontEnd.models.get(thermometer.id)!["celsius"], 37);
  assert.throws(() => Object.assign(thermometer, { scale: "kelvin" }), TraitError);

  frontEnd.custom(thermometer.id, { event: "reset" });
  await turn();
  assert.deepEqual([thermometer.celsius, thermometer.words], [20, "20.0 °C"]);
  thermometer.close();
  assert.equal(frontEnd.models.has(thermometer.id), false);
});
