import { currentHost, type DisplayOptions, type MimeBundle } from "../../comms/host.js";
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
    this.write("stdout", `${line}\n`);
  }

  /** Adds to the text that was written last, where that is of the same stream, as notebook files have it. */
  write(name: "stdout" | "stderr", text: string): void {
    const last = this.outputs.at(-1);
    if (this.#stale || last?.output_type !== "stream" || last.name !== name) {
      this.#add({ output_type: "stream", name, text });
    } else this.#set(this.outputs.with(-1, { output_type: "stream", name, text: last.text + text }));
  }

  /** Characters of text in it. */
  get length(): number {
    return this.outputs.reduce((sum, output) => sum + (output.output_type === "stream" ? output.text.length : 0), 0);
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

  /** Runs `body`; what it displays and prints comes here, also from what it starts. */
  capture<T>(body: () => T): T {
    const inside = () => displayTo(this, body);
    const host = currentHost();
    if (host?.captureConsole === undefined) return inside();
    return host.captureConsole((name, text) => this.write(name, text), inside);
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
