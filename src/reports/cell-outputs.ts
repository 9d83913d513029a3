import { isRecord } from "../comms/states/traits.js";
import type { NotebookOutput } from "./notebook.js";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Stream = Mutable<Extract<NotebookOutput, { output_type: "stream" }>>;

/** Characters of one stream that are kept: a loop that prints forever must not fill the memory until its time is up. */
const MOST = 20_000_000;

/** Displays that can be changed later, by the kernel's names of them, in all cells. */
export type SharedDisplays = Map<string, { readonly outputs: NotebookOutput[]; readonly at: number }[]>;

/** Collects what is published for a cell, as a front end shows it. */
export class CellOutputs {
  readonly list: NotebookOutput[] = [];
  readonly #displays: SharedDisplays;
  #clears = false;

  constructor(displays: SharedDisplays) {
    this.#displays = displays;
  }

  /** Takes a message; those that are no outputs are ignored. */
  readonly take = (type: string, content: Readonly<Record<string, unknown>>): void => {
    switch (type) {
      case "stream":
        this.#print(content["name"] === "stderr" ? "stderr" : "stdout", String(content["text"]));
        break;
      case "display_data":
      case "execute_result":
        this.#display(type, content);
        break;
      case "update_display_data":
        this.#update(content);
        break;
      case "clear_output":
        if (content["wait"] === true) this.#clears = true;
        else this.#clear();
        break;
      case "error": {
        const traceback = Array.isArray(content["traceback"]) ? content["traceback"].map(String) : [];
        const [ename, evalue] = [String(content["ename"]), String(content["evalue"])];
        this.#add({ output_type: "error", ename, evalue, traceback });
        break;
      }
    }
  };

  /** The outputs as they stand when all has been published. */
  finished(): NotebookOutput[] {
    return this.list.map((output) =>
      output.output_type === "stream" ? { ...output, text: afterReturns(output.text) } : output,
    );
  }

  #print(name: Stream["name"], text: string): void {
    if (this.#clears) this.#clear();
    const last = this.list.at(-1);
    if (last?.output_type === "stream" && last.name === name) {
      if (last.text.length < MOST) (last as Stream).text += text;
    } else this.list.push({ output_type: "stream", name, text });
  }

  #display(output_type: "display_data" | "execute_result", content: Readonly<Record<string, unknown>>): void {
    const at = this.#add({ output_type, data: record(content["data"]), metadata: record(content["metadata"]) });
    const id = displayId(content);
    if (id === undefined) return;
    const places = this.#displays.get(id) ?? [];
    this.#displays.set(id, [...places, { outputs: this.list, at }]);
  }

  #update(content: Readonly<Record<string, unknown>>): void {
    for (const { outputs, at } of this.#displays.get(displayId(content) ?? "") ?? []) {
      const output = outputs[at];
      if (output?.output_type !== "display_data" && output?.output_type !== "execute_result") continue;
      outputs[at] = { ...output, data: record(content["data"]), metadata: record(content["metadata"]) };
    }
  }

  #add(output: NotebookOutput): number {
    if (this.#clears) this.#clear();
    return this.list.push(output) - 1;
  }

  #clear(): void {
    this.#clears = false;
    for (const [id, places] of this.#displays) {
      this.#displays.set(
        id,
        places.filter(({ outputs }) => outputs !== this.list),
      );
    }
    this.list.length = 0;
  }
}

/** What a terminal shows: a carriage return writes the line anew, as progress bars do. */
function afterReturns(text: string): string {
  if (!text.includes("\r")) return text;
  return text.replace(/\r+\n/g, "\n").replace(/^[^\n]*\r(?=[^\r\n])/gm, "");
}

function displayId(content: Readonly<Record<string, unknown>>): string | undefined {
  const id = record(content["transient"])["display_id"];
  return typeof id === "string" ? id : undefined;
}

const record = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});
