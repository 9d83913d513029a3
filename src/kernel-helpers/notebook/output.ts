import { currentHost } from "../../comms/host.js";
import type { CellOutput, OutputState } from "../../comms/states/controls.js";
import type { DOMState } from "../../comms/states/model.js";
import { WIDGET_VIEW } from "../../comms/states/module.js";
import { data, text } from "../../comms/states/traits.js";
import { widgetRegistry } from "../../comms/widget-registry.js";
import type { StaticPicture } from "../pictures/drawing/static-picture.js";
import { domWidgetClass } from "../widgets/base/layout.js";
import type { Widget } from "../widgets/base/widget.js";
import { OutputList } from "./output-list.js";
import { outputsPicture } from "./outputs-picture.js";

type OwnState = Omit<OutputState, keyof DOMState>;

/**
 * A place for outputs, like the one below a cell: text, errors, pictures, other widgets.
 *
 * @example
 * const out = new Output();
 * display(out);
 * await out.capture(async () => display(await explain(photo)));
 */
export class Output extends domWidgetClass<OwnState>({
  model: { module: "@jupyter-widgets/output", version: "1.0.0", name: "OutputModel" },
  view: { name: "OutputView" },
  traits: { msg_id: text(), outputs: data<CellOutput[]>([]) },
}) {
  readonly #list = new OutputList((outputs) => {
    this.outputs = [...outputs];
  });

  /** Adds a value, shown as `display` would. */
  append(value: unknown): void {
    this.#list.append(value);
  }

  /** Adds a line of text. */
  print(line: string): void {
    this.#list.print(line);
  }

  /** Adds an error as a cell would show it. */
  fail(error: unknown): void {
    this.#list.fail(error);
  }

  /** Removes the outputs; with `wait`, when there is a new one, so that nothing jumps. */
  clear({ wait = false } = {}): void {
    this.#list.clearOutput(wait);
  }

  override staticPicture(): StaticPicture | null {
    return outputsPicture(this.outputs, widgetOf);
  }

  override pictured(): Widget[] {
    return this.outputs.map(widgetOf).filter((widget) => widget !== undefined);
  }

  /** Runs `body`; what it displays comes here. What it prints to the console does not. */
  capture<T>(body: () => T): T {
    return this.#list.capture(body);
  }
}

/** The widget whose view an output is; undefined where it is none, or one that was closed. */
function widgetOf(output: CellOutput): Widget | undefined {
  const view = output.output_type === "display_data" ? output.data[WIDGET_VIEW] : undefined;
  const comms = currentHost()?.comms;
  if (view === undefined || comms === undefined) return undefined;
  return widgetRegistry(comms).find((view as { model_id: string }).model_id) as Widget | undefined;
}
