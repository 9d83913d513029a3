import { currentHost } from "../../comms/host.js";
import type { CellOutput, OutputState } from "../../comms/states/controls.js";
import type { DOMState } from "../../comms/states/model.js";
import { WIDGET_VIEW } from "../../comms/states/module.js";
import { data, invalid, type Trait, text } from "../../comms/states/traits.js";
import { widgetRegistry } from "../../comms/widget-registry.js";
import type { StaticPicture } from "../pictures/drawing/static-picture.js";
import { isInterrupted } from "../widgets/base/interrupted.js";
import { domWidgetClass } from "../widgets/base/layout.js";
import type { Widget } from "../widgets/base/widget.js";
import { OutputList } from "./output-list.js";
import { outputsPicture } from "./outputs-picture.js";

/** Characters of text that are sent with each change. */
const SHORT = 2000;
/** Milliseconds after which longer text is sent again. */
const PATIENCE = 500;

const anyData = data<CellOutput[]>([]);
const outputs: Trait<CellOutput[]> = {
  ...anyData,
  expected: "a list of outputs as notebook files write them",
  check: (value) => (Array.isArray(value) ? anyData.check(value) : invalid),
};

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
  traits: { msg_id: text(), outputs },
}) {
  /** How much text there was when it was last sent. */
  #sent = { length: 0, at: 0 };
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

  /**
   * Runs `body`, which may be asynchronous; what it, and all that it starts, displays and prints comes here. An error that it throws is
   * shown here too, and the result is undefined; an interrupt of the cell is thrown on.
   */
  capture<T>(body: () => Promise<T>): Promise<T | undefined>;
  capture<T>(body: () => T): T | undefined;
  capture<T>(body: () => T | Promise<T>): T | undefined | Promise<T | undefined> {
    const failed = (error: unknown): undefined => {
      if (isInterrupted()) throw error;
      this.fail(error);
    };
    try {
      const result = this.#list.capture(body);
      return result instanceof Promise ? result.catch(failed) : result;
    } catch (error) {
      return failed(error);
    }
  }

  /** The whole text goes out at each change: what is long already goes when there is a quarter more of it, or after half a second. */
  protected override patience(): number {
    const [now, length] = [performance.now(), this.#list.length];
    const isLittleMore = length > SHORT && length >= this.#sent.length && length < 1.25 * this.#sent.length;
    const wait = isLittleMore ? this.#sent.at + PATIENCE - now : 0;
    if (wait <= 0) this.#sent = { length, at: now };
    return wait;
  }
}

/** The widget whose view an output is; undefined where it is none, or one that was closed. */
function widgetOf(output: CellOutput): Widget | undefined {
  const view = output.output_type === "display_data" ? output.data[WIDGET_VIEW] : undefined;
  const comms = currentHost()?.comms;
  if (view === undefined || comms === undefined) return undefined;
  return widgetRegistry(comms).find((view as { model_id: string }).model_id) as Widget | undefined;
}
