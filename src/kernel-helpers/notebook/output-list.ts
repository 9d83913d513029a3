import type { DisplayOptions, MimeBundle } from "../../comms/host.js";
import type { CellOutput } from "../../comms/states/controls.js";
import { type DisplayTarget, display, displayTo } from "./display.js";

/** Collects what is displayed into a list of outputs as notebook files write them. */
export class OutputList implements DisplayTarget {
  outputs: readonly CellOutput[] = [];
  readonly #changed: (outputs: readonly CellOutput[]) => void;
  /** Positions in `outputs` by display identifier. */
  readonly #places = new Map<string, number>();
  /** Clear when the next output comes. */
  #stale = false;

  constructor(changed: (outputs: readonly CellOutput[]) => void = () => {}) {
    this.#changed = changed;
  }

  append(value: unknown): void {
    displayTo(this, () => display(value));
  }

  print(line: string): void {
    this.#add({ output_type: "stream", name: "stdout", text: `${line}\n` });
  }

  fail(error: unknown): void {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    this.#add({ output_type: "error", ename: name, evalue: message, traceback: (stack ?? message).split("\n") });
  }

  display(bundle: MimeBundle, { metadata = {}, displayId, update }: DisplayOptions): void {
    const output: CellOutput = { output_type: "display_data", data: bundle, metadata };
    if (update) {
      const place = displayId === undefined ? undefined : this.#places.get(displayId);
      if (place !== undefined) this.#set(this.outputs.with(place, output));
      return;
    }
    this.#add(output);
    if (displayId !== undefined) this.#places.set(displayId, this.outputs.length - 1);
  }

  clearOutput(wait: boolean): void {
    this.#stale = wait;
    if (!wait) this.#clear([]);
  }

  /** Runs `body`; what it displays comes here. */
  capture<T>(body: () => T): T {
    return displayTo(this, body);
  }

  #add(output: CellOutput): void {
    if (this.#stale) this.#clear([output]);
    else this.#set([...this.outputs, output]);
  }

  #clear(outputs: CellOutput[]): void {
    this.#stale = false;
    this.#places.clear();
    this.#set(outputs);
  }

  #set(outputs: readonly CellOutput[]): void {
    this.outputs = outputs;
    this.#changed(outputs);
  }
}
