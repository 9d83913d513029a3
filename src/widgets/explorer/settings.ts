import type { Field, FieldValue } from "../../comms/states/field.js";
import { dropdown } from "../parts/choices.js";
import { element, uniqueId } from "../parts/dom.js";
import { form } from "../parts/form.js";
import { writes } from "../parts/lock.js";
import type { ExplorerModel } from "./model.js";

export interface Settings {
  /** The method and its form. */
  element: HTMLElement;
  /** A button that brings the method's defaults back. */
  reset: HTMLElement;
  dispose(): void;
}

/** The form of how the class is explained, bound to its model: the method, and the parameters that it reads. */
export function settings(model: ExplorerModel): Settings {
  const method = dropdown("Method", "How the output is led back to the pixels", (value) =>
    model.ask({ method: value }),
  );
  const question = element("span", {});
  const reference = element("cite", {});
  const about = element("p", { class: "limpid-about", id: uniqueId() }, question, " ", reference);
  method.element.querySelector("select")?.setAttribute("aria-describedby", about.id);
  const fields = form(
    (name, value) => model.ask({ parameters: { ...model.trait("parameters"), [name]: value } }),
    (name) => `parameters.${name}`,
  );
  writes(method.element, "method");
  const reset = element(
    "button",
    { type: "button", class: "limpid-quiet", title: "Every parameter as it is by default" },
    "Reset",
  );
  writes(reset, "parameters");
  reset.addEventListener("click", () => model.ask({ parameters: {} }));

  const offer = () => {
    method.offer(model.trait("methods").map(({ family, ...choice }) => ({ ...choice, group: family })));
  };
  const showMethod = () => {
    const chosen = model.trait("method");
    method.set(chosen);
    const entry = model.trait("methods").find(({ value }) => value === chosen);
    question.textContent = entry?.hint ?? "";
    reference.textContent = reference.title = entry?.reference ?? "";
  };
  const showValues = () => {
    fields.set(model.trait("parameters"));
    reset.disabled = !model.trait("form").some((field) => isChanged(field, model.trait("parameters")[field.name]));
  };
  const showFault = () => fields.mark(model.trait("fault"));
  const showFields = () => {
    fields.offer(model.trait("form"));
    showValues();
    showFault();
  };
  const undo = [
    model.watch(["methods"], offer),
    model.watch(["methods", "method"], showMethod),
    model.watch(["form"], showFields),
    model.watch(["parameters"], showValues),
    model.watch(["fault"], showFault),
  ];
  offer();
  showMethod();
  showFields();
  return {
    element: element(
      "div",
      { class: "limpid-method" },
      element("div", { class: "limpid-settings" }, method.element),
      about,
      fields.element,
    ),
    reset,
    dispose() {
      for (const dispose of undo) dispose();
    },
  };
}

const isChanged = (field: Field, stated: FieldValue | undefined): boolean =>
  stated !== undefined && JSON.stringify(stated) !== JSON.stringify(field.default);
