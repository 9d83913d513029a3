import { Widget } from "@lumino/widgets";
import { element, uniqueId } from "../parts/dom.js";
import type { NotebookParameter } from "./parameters.js";

/** What a report can be, by the option of `limpid report`; without one it is the best that fits. */
const LEVELS = [
  {
    value: "",
    label: "As live as fits",
    hint: "Each widget computes in the page, or has its states stored, or is a picture: the best that fits",
  },
  { value: "live", label: "Live", hint: "Widgets compute in the page, and the notebook's own code runs there again" },
  { value: "precomputed", label: "Precomputed", hint: "Sliders choose among states that are stored" },
  { value: "frozen", label: "Frozen", hint: "Widgets are shown as the run left them; the file is small" },
];

/** What computes, by the option of `limpid report`. */
const BACKENDS = [
  { value: "", label: "As in the notebook", hint: "TensorFlow's C library where it is there" },
  { value: "native", label: "TensorFlow's C library", hint: "The fastest" },
  { value: "wasm", label: "WebAssembly", hint: "The same numbers in every Node and browser" },
];

/** What was entered in a form, by the labels of its fields. */
export type ReportOptions = ReadonlyMap<string, string | boolean>;

/** The options of a report, as a form; its value is what follows `limpid report NOTEBOOK`. */
export class ReportForm extends Widget {
  readonly #execute = element("input", { type: "checkbox", id: uniqueId(), checked: true });
  readonly #level = element("select", { id: uniqueId() });
  readonly #size = element("input", { type: "number", id: uniqueId(), min: 1, step: 1, placeholder: "any" });
  readonly #timeout = element("input", { type: "number", id: uniqueId(), min: 0, step: 1, placeholder: "600" });
  readonly #errors = element("input", { type: "checkbox", id: uniqueId() });
  readonly #backend = element("select", { id: uniqueId() });
  readonly #out = element("input", { type: "text", id: uniqueId(), spellcheck: "false" });
  /** Every field by its label. */
  readonly #fields = new Map<string, HTMLInputElement | HTMLSelectElement>();
  readonly #values: readonly { readonly name: string; readonly input: HTMLInputElement }[];

  /** @param before what was entered before, to be changed */
  constructor(notebook: string, parameters: readonly NotebookParameter[] | undefined, before?: ReportOptions) {
    super();
    this.addClass("limpid-report-form");
    for (const [select, choices] of [
      [this.#level, LEVELS],
      [this.#backend, BACKENDS],
    ] as const) {
      select.append(...choices.map(({ value, label, hint }) => element("option", { value, title: hint }, label)));
    }
    const about = element("p", { class: "limpid-report-note", id: uniqueId() });
    this.#level.setAttribute("aria-describedby", about.id);
    this.#out.value = notebook.replace(/(\.ipynb)?$/, ".html");
    this.#values = (parameters ?? []).map(({ name, text }) => ({
      name,
      input: element("input", { type: "text", id: uniqueId(), placeholder: text, spellcheck: "false" }),
    }));
    const field = (label: string, input: HTMLInputElement | HTMLSelectElement, unit = "") => {
      this.#fields.set(label, input);
      return element(
        "div",
        { class: "limpid-report-field" },
        element("label", { for: input.id }, label),
        element("span", {}, input, unit),
      );
    };
    const given = element("fieldset", { class: "limpid-report-parameters" }, element("legend", {}, "Parameters"));
    given.append(
      ...(parameters === undefined
        ? [
            element(
              "p",
              { class: "limpid-report-note" },
              "Tag a cell “parameters”, and its variables can be given other values here.",
            ),
          ]
        : this.#values.map(({ name, input }) => field(name, input))),
    );
    const rest = () => {
      const runs = this.#execute.checked;
      const { disabled } = Object.assign(this.#level, { disabled: !runs });
      for (const one of [this.#timeout, this.#errors, this.#backend, given]) one.disabled = disabled;
      about.textContent = runs
        ? LEVELS.find(({ value }) => value === this.#level.value)!.hint
        : "Nothing runs: the report has the outputs that the notebook's file holds, and its widgets as pictures.";
    };
    this.#execute.addEventListener("change", rest);
    this.#level.addEventListener("change", rest);
    this.node.append(
      field("Run the notebook from clean", this.#execute),
      field("Widgets", this.#level),
      about,
      field("Largest file", this.#size, "MB"),
      field("Longest cell", this.#timeout, "s"),
      field("Go on after a cell that fails", this.#errors),
      field("Computed with", this.#backend),
      given,
      field("File", this.#out),
    );
    for (const [label, input] of this.#fields) {
      const entered = before?.get(label);
      if (typeof entered === "boolean") (input as HTMLInputElement).checked = entered;
      else if (entered !== undefined) input.value = entered;
    }
    rest();
  }

  /** What is entered, for a form like this one. */
  get entered(): ReportOptions {
    return new Map(
      [...this.#fields].map(([label, input]) => [
        label,
        input.type === "checkbox" ? (input as HTMLInputElement).checked : input.value,
      ]),
    );
  }

  getValue(): string[] {
    const [level, backend] = [this.#level.value, this.#backend.value];
    const [size, timeout] = [this.#size.valueAsNumber, this.#timeout.valueAsNumber];
    const runs = this.#execute.checked;
    const given = this.#values.filter(({ input }) => runs && input.value.trim() !== "");
    return [
      ...["--out", this.#out.value.trim() || "report.html"],
      ...(runs ? [] : ["--no-execute"]),
      ...(runs && level !== "" ? [`--${level}`] : []),
      ...(Number.isFinite(size) && size > 0 ? ["--max-size", String(size)] : []),
      ...(runs && timeout >= 0 ? ["--cell-timeout", String(timeout)] : []),
      ...(runs && this.#errors.checked ? ["--allow-errors"] : []),
      ...(runs && backend !== "" ? ["--backend", backend] : []),
      ...given.flatMap(({ name, input }) => ["--parameter", `${name}=${input.value.trim()}`]),
    ];
  }
}
