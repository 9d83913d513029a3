import type { CellOutput, OutputState } from "../../comms/states/controls.js";
import type { DOMState } from "../../comms/states/model.js";
import { data, text } from "../../comms/states/traits.js";
import { domWidgetClass } from "../widgets/base/layout.js";
import { OutputList } from "./output-list.js";

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

  /** Runs `body`; what it displays comes here. What it prints to the console does not. */
  capture<T>(body: () => T): T {
    return this.#list.capture(body);
  }
}
