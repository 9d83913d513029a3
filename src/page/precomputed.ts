import type { ICallbacks, IClassicComm, WidgetModel } from "@jupyter-widgets/base";
import { formatShort } from "../comms/format.js";
import { randomId } from "../comms/random-id.js";
import type { Field } from "../comms/states/field.js";
import {
  isSame,
  keyOf,
  type Nearest,
  numbersOf,
  type PrecomputedTable,
  reached,
  same,
  type TableAxis,
  type TableChange,
  type TableState,
  valueNow,
} from "../reports/table.js";
import type { PageManager } from "./manager.js";

/** What is used of a model: values of its traits as views see them. */
type Values = Record<string, unknown>;
type ModelClass = { _deserialize_state(state: Values, manager: unknown): Promise<Values> };

/** Which of the stored states is seen. */
export interface SeenState {
  readonly words: string;
  /** Whether its maps are rounded to 255 levels, as those of stored states are. */
  readonly rounded: boolean;
}

/**
 * Answers widgets' messages from stored states, as a kernel would: what is asked for becomes the nearest of them, which it names. Between
 * two states there is nothing.
 */
export class StoredStates {
  readonly #manager: PageManager;
  readonly #table: PrecomputedTable;
  readonly #bytesOf: ReadonlyMap<TableState, Uint8Array>;
  /** Hears which state is seen. */
  readonly #tell: (seen: SeenState) => void;
  /** The value of every axis. */
  #now: readonly unknown[];
  /** How that is said. */
  #words = AS_SHOWN;
  /** What any state changes, as the report shows it. */
  readonly #shown = new Map<WidgetModel, Values>();
  readonly #models = new Map<string, WidgetModel>();
  /** States in the order in which they were asked for. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @param bytesOf the blob that has a state's arrays */
  constructor(
    manager: PageManager,
    table: PrecomputedTable,
    bytesOf: ReadonlyMap<TableState, Uint8Array>,
    tell: (seen: SeenState) => void,
  ) {
    this.#manager = manager;
    this.#table = table;
    this.#bytesOf = bytesOf;
    this.#tell = tell;
    this.#now = table.axes.map(({ shown }) => shown);
  }

  /** Lets the models that have the settings ask here. */
  async begin(): Promise<void> {
    const { axes, states } = this.#table;
    for (const { model: id, trait } of states.flatMap(({ changes }) => changes)) {
      const model = await this.#model(id);
      const shown = this.#shown.get(model) ?? {};
      if (!Object.hasOwn(shown, trait)) this.#shown.set(model, { ...shown, [trait]: model.get(trait) });
    }
    for (const id of new Set(axes.map(({ model }) => model))) {
      const model = await this.#model(id);
      const own = axes.filter((axis) => axis.model === id);
      model.comm = new TableComm(id, (state) => this.#ask(model, state)) as never;
      model.comm_live = true;
      snap(model, own);
      this.#manager.answer(model, own);
    }
  }

  async #model(id: string): Promise<WidgetModel> {
    const model = this.#models.get(id) ?? (await this.#manager.get_model(id));
    this.#models.set(id, model);
    return model;
  }

  /** Settles when the widget shows the state that comes nearest to what it asks for. */
  #ask(model: WidgetModel, sent: Values): Promise<void> {
    const done = this.#queue.then(() => this.#answer(model, sent));
    this.#queue = done.catch(() => {});
    return done;
  }

  async #answer(model: WidgetModel, sent: Values): Promise<void> {
    const { axes } = this.#table;
    const asked = axes.map((axis) => (axis.model === model.model_id ? settingIn(sent, axis.setting) : undefined));
    const answered = "request" in sent ? { answered: sent["request"] } : {};
    // Looks, and who asks for what is seen already.
    if (asked.every((value) => value === undefined)) {
      model.set_state(answered as never);
      if ("request" in sent) this.#say(this.#words);
      return;
    }
    const moved = asked.findIndex(
      (value, at) => value !== undefined && !same(value, valueNow(this.#table, this.#now, at)),
    );
    const found = moved < 0 ? null : reached(this.#table, this.#now, moved, asked[moved]);
    const values = found?.values ?? this.#now;
    const state = this.#stateAt(values);
    const changed = new Map<WidgetModel, Values>([...this.#shown].map(([one, shown]) => [one, { ...shown }]));
    for (const change of state?.changes ?? []) {
      const one = this.#models.get(change.model)!;
      const read = await deserialized(one, { [change.trait]: this.#value(state!, change) }, this.#manager);
      changed.set(one, { ...changed.get(one), ...read });
    }
    changed.set(model, { ...changed.get(model), ...answered });
    for (const [one, traits] of changed) one.set_state(traits as never);
    this.#now = values;
    if (found !== null) this.#words = this.#reachedWords(found.axis, asked[moved], found.how);
    this.#say(moved >= 0 && found === null ? this.#refusal(moved, asked[moved]) : this.#words);
  }

  #say(words: string): void {
    this.#tell({ words, rounded: this.#stateAt(this.#now)?.changes.some(isRounded) ?? false });
  }

  /** The state of these values; undefined of the shown one, which is in the report's models and has no changes. */
  #stateAt(values: readonly unknown[]): TableState | undefined {
    const { axes, states } = this.#table;
    const key = keyOf(axes, values);
    const state = states.find((one) => one.key === key);
    if (state === undefined && !axes.every(({ shown }, at) => same(shown, values[at]))) {
      throw new Error(`This report lacks the state ${key}`);
    }
    return state;
  }

  #value(state: TableState, change: TableChange): unknown {
    if ("value" in change) return change.value;
    const { shape, dtype } = change.array;
    const numbers = numbersOf(this.#bytesOf.get(state)!, change.array);
    return {
      ...{ shape, dtype: dtype === "int8" ? "float32" : dtype },
      data: new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength),
    };
  }

  #said(at: number, value: unknown): string {
    const { model, setting } = this.#table.axes[at]!;
    return inWords(this.#models.get(model)!, setting, value);
  }

  /** `γ = 0.25, nearest computed to 0.27; target as when the report was made`. */
  #reachedWords(moved: number, asked: unknown, how: Nearest["how"]): string {
    const { axes } = this.#table;
    const own = axes[moved]!;
    const value = `${own.label} = ${this.#said(moved, this.#now[moved])}`;
    const nearest = {
      stored: "",
      nearest: `, nearest computed to ${this.#said(moved, asked)}`,
      next: ", the next computed",
    };
    const within = axes.filter((axis) => axis.group === own.group);
    const others = axes.filter((axis) => !within.some((one) => isSame(one, axis))).map(({ label }) => label);
    const rest = others.length === 0 ? "" : `; ${[...new Set(others)].join(", ")} ${AS_SHOWN}`;
    return value + nearest[how] + rest;
  }

  #refusal(moved: number, asked: unknown): string {
    const { axes } = this.#table;
    const own = axes[moved]!;
    const stored = axes.flatMap((axis, at) =>
      isSame(axis, own) ? [axis.shown, ...axis.values].map((value) => this.#said(at, value)) : [],
    );
    return `${own.label} ${this.#said(moved, asked)} was not computed; there are ${[...new Set(stored)].join(", ")}`;
  }
}

const AS_SHOWN = "as when the report was made";

const isRounded = (change: TableChange): boolean => "array" in change && change.array.dtype === "int8";

/** The other end of a model's comm: asks the table, and says that it is idle when the state is seen. */
class TableComm
  implements Pick<IClassicComm, "comm_id" | "target_name" | "open" | "send" | "close" | "on_msg" | "on_close">
{
  readonly target_name = "jupyter.widget";
  readonly comm_id: string;
  readonly #ask: (state: Values) => Promise<void>;

  constructor(id: string, ask: (state: Values) => Promise<void>) {
    this.comm_id = id;
    this.#ask = ask;
  }

  send(data: unknown, callbacks?: ICallbacks): string {
    const id = randomId();
    const { method, state } = data as { method: string; state?: Values };
    const idle = () =>
      callbacks?.iopub?.status?.({ content: { execution_state: "idle" }, parent_header: { msg_id: id } } as never);
    const answered = method === "update" && state !== undefined ? this.#ask(state) : Promise.resolve();
    answered.catch((error: unknown) => console.error(error)).finally(idle);
    return id;
  }

  open(): string {
    return "";
  }

  close(): string {
    return "";
  }

  on_msg(): void {}

  on_close(): void {}
}

/** Lets the controls of evenly spaced values take these, and none between. */
function snap(model: WidgetModel, axes: readonly TableAxis[]): void {
  for (const [at, axis] of axes.entries()) {
    const { setting, shown } = axis;
    if (axes.findIndex((one) => isSame(one, axis)) < at) continue;
    const values = axes.filter((one) => isSame(one, axis)).flatMap((one) => one.values);
    const numbers = [...new Set([shown, ...values])].filter((value): value is number => typeof value === "number");
    numbers.sort((a, b) => a - b);
    const [from, to] = [numbers[0]!, numbers.at(-1)!];
    const isField = setting.startsWith("parameters.");
    const own = (field: Field) => `parameters.${field.name}` === setting;
    const form = (model.get("form") ?? []) as Field[];
    const control = form.find(own)?.control;
    const scale = control?.kind === "slider" && control.logarithmic ? Math.log10 : (value: number) => value;
    const step = (scale(to) - scale(from)) / (numbers.length - 1);
    const even = numbers.every((value, at) => Math.abs(scale(value) - scale(from) - at * step) < 1e-6 * step);
    if (!even || !(step > 0)) continue;
    const range = { from, to, step: Number(step.toPrecision(12)) };
    if (isField && control?.kind === "slider") {
      const snapped = form.map((field) => (own(field) ? { ...field, control: { ...control, ...range } } : field));
      model.set_state({ form: snapped as never });
    } else if (setting === "value" && typeof model.get("step") === "number") {
      model.set_state({ min: from, max: to, step: range.step } as never);
    }
  }
}

const deserialized = (model: WidgetModel, state: Values, manager: PageManager): Promise<Values> =>
  (model.constructor as unknown as ModelClass)._deserialize_state(state, manager);

function settingIn(state: Values, setting: string): unknown {
  const [trait, name] = setting.split(".") as [string, string?];
  const value = state[trait];
  return name === undefined ? value : (value as Values | undefined)?.[name];
}

function inWords(model: WidgetModel, setting: string, value: unknown): string {
  if (typeof value === "number" && setting === "target") {
    const names = model.get("classNames") as string[] | undefined;
    return names?.[value]?.split(",")[0] ?? String(value);
  }
  return typeof value === "number" ? formatShort(value, 4) : typeof value === "string" ? value : JSON.stringify(value);
}
