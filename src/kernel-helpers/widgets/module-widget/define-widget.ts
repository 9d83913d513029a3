import type { DOMState } from "../../../comms/states/model.js";
import { ownWidget } from "../../../comms/states/module.js";
import { moduleWidgetState } from "../../../comms/states/module-widget.js";
import { data, flag, number, type Trait, text } from "../../../comms/states/traits.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { InitialState, KernelSide } from "../base/kernel-side.js";
import { domTraits, domWidgetClass } from "../base/layout.js";
import type { Widget } from "../base/widget.js";

/** What a widget's state is declared by: traits (`traits.integer(3)`), or values that they start with. */
type Declared = Readonly<Record<string, unknown>>;

/** The state that is so declared. */
type DeclaredState<D> = {
  -readonly [K in keyof D]: D[K] extends Trait<infer V>
    ? V
    : D[K] extends number
      ? number
      : D[K] extends string
        ? string
        : D[K] extends boolean
          ? boolean
          : D[K];
};

export interface ModuleOptions<D extends Declared> {
  /** What the widget is called; default "ModuleWidget". */
  name?: string;
  /**
   * The source of an ES module as anywidget has it: its default export is an object with `render({ model, el })` and, where something is
   * to be done once for all views, `initialize({ model })`, or a function that returns one.
   */
  esm: string;
  /** A style sheet for the page. */
  css?: string;
  /** What the kernel and the module share: traits, or the values that they start with. */
  state?: D;
}

type ModuleClass<D> = new (
  initial?: InitialState<DeclaredState<D> & DOMState>,
) => Widget<KernelSide<DeclaredState<D> & DOMState>, Record<string, object>> & KernelSide<DeclaredState<D> & DOMState>;

/**
 * A kind of widget whose front end is a module of your own, in the format of anywidget; the page runs it as it is.
 *
 * In the module `model.get(name)`, `model.set(name, value)` with `model.save_changes()`, `model.on("change:name", …)`, and
 * `model.send(content)` speak to the kernel, where traits are properties and messages are heard by `onMsg`. Arrays of numbers
 * arrive in it as `DataView`s.
 *
 * @throws ParameterError for a state that no widget can have
 * @example
 * const Counter = defineWidget({
 *   name: "Counter",
 *   esm: `export default { render({ model, el }) {
 *     const button = document.createElement("button");
 *     const show = () => { button.textContent = "count is " + model.get("count"); };
 *     button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
 *     model.on("change:count", show);
 *     show();
 *     el.append(button);
 *     return () => model.off("change:count", show);
 *   } }`,
 *   state: { count: 0 },
 * });
 * const counter = new Counter({ count: 5 });
 */
export function defineWidget<const D extends Declared = Record<never, unknown>>({
  name = "ModuleWidget",
  esm,
  css = "",
  state,
}: ModuleOptions<D>): ModuleClass<D> {
  if (typeof esm !== "string" || esm.trim() === "") {
    throw new ParameterError("esm", esm, "the source of a module: export default { render({ model, el }) { … } }");
  }
  const traits = Object.fromEntries(
    Object.entries(state ?? {}).map(([key, declared]) => [key, traitOf(key, declared)]),
  );
  const Base = domWidgetClass<Record<string, unknown>, Record<string, object>>({
    ...ownWidget("ModuleWidget"),
    traits: { ...traits, _esm: text(esm), _css: text(css), _name: text(name) },
  });
  const Made = class extends Base {};
  // Errors and texts name the widget as its author does.
  Object.defineProperty(Made, "name", { value: name });
  return Made as unknown as ModuleClass<D>;
}

function traitOf(name: string, declared: unknown): Trait<unknown> {
  if (name in domTraits || name in moduleWidgetState || name.startsWith("_")) {
    throw new ParameterError(`state.${name}`, declared, "another name: widgets have one of that name already");
  }
  if (isTrait(declared)) return declared;
  if (typeof declared === "number") return number(declared) as Trait<unknown>;
  if (typeof declared === "string") return text(declared) as Trait<unknown>;
  if (typeof declared === "boolean") return flag(declared) as Trait<unknown>;
  const made = data<unknown>(declared);
  if (typeof made.check(declared) === "symbol") throw new ParameterError(`state.${name}`, declared, made.expected);
  return made;
}

const isTrait = (declared: unknown): declared is Trait<unknown> =>
  typeof (declared as Trait<unknown> | null)?.check === "function" &&
  typeof (declared as Trait<unknown>).initial === "function";
