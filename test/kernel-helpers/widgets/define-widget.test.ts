import assert from "node:assert/strict";
import { test } from "node:test";
import { defineWidget, ParameterError, TraitError } from "../../../src/kernel-helpers/index.js";
import { traits } from "../../../src/kernel-helpers/widgets/index.js";
import { FrontEnd, turn } from "../../comms/front-end.js";

const esm = "export default { render() {} }";

test("a widget of a module of one's own has the state that was declared, typed and checked", async () => {
  const frontEnd = new FrontEnd().attach();
  const Counter = defineWidget({
    name: "Counter",
    esm,
    css: ".count { color: red }",
    state: { count: 0, label: "clicks", on: true, marks: [1, 2], level: traits.wholeBetween(0, 9, 3) },
  });
  const counter = new Counter({ count: 5, tooltip: "counts" });
  const twice: number = counter.count * 2;
  assert.deepEqual(
    [twice, counter.label, counter.on, counter.level, counter.tooltip],
    [10, "clicks", true, 3, "counts"],
  );
  await turn();
  const { _model_name, _view_name, _esm, _css, _name, marks } = frontEnd.models.get(counter.id)!;
  assert.deepEqual(
    [_model_name, _view_name, _esm, _css, _name, marks],
    ["ModuleWidgetModel", "ModuleWidgetView", esm, ".count { color: red }", "Counter", [1, 2]],
  );
  frontEnd.update(counter.id, { count: 6 });
  assert.equal(counter.count, 6);
  assert.throws(() => counter.set({ level: 10 }), /Counter.level must be a whole number between 0 and 9, not 10/);
  assert.throws(() => counter.set({ count: "many" as unknown as number }), TraitError);
  const heard: unknown[] = [];
  counter.onMsg(({ content }) => heard.push(content));
  frontEnd.custom(counter.id, { hello: 1 });
  assert.deepEqual(heard, [{ hello: 1 }]);
});

test("a state that no widget can have, and no module, are refused", () => {
  assert.throws(() => defineWidget({ esm: " " }), ParameterError);
  assert.throws(() => defineWidget({ esm, state: { layout: 1 } }), /state.layout/);
  assert.throws(() => defineWidget({ esm, state: { _esm: "" } }), /state._esm/);
  assert.throws(() => defineWidget({ esm, state: { at: new Map() } }), /plain data/);
});
