/** What the recorder notes of a run, cell by cell. It needs no Node.js: the page's worker runs it, too. */
import type { Host, MimeBundle } from "../../comms/host.js";
import {
  type Expectation,
  type NotebookRecorder,
  type PrecomputeWish,
  type RanCell,
  recordNotebook,
} from "../../comms/recording.js";
import { MODEL_REFERENCE } from "../../comms/references.js";
import { WIDGET_VIEW } from "../../comms/states/module.js";
import { type WidgetRegistry, widgetRegistry } from "../../comms/widget-registry.js";
import { boxesIn } from "../../kernel/cell.js";
import { type Known, numberRecord, recordValue } from "../ledger/record.js";
import { IN_MOTION, type Quantity } from "../ledger/records.js";
import { importedIn } from "../variables.js";

/** A cell that was run while the recorder listened, in the order of running. */
export interface RecordedCell {
  /** `metadata.cellId` of the request; undefined where it came without. */
  readonly id: string | undefined;
  readonly source: string;
  /** JavaScript of one function expression, a `CellFunction` of `kernel/cell.ts`; empty where the cell did not compile. */
  readonly code: string;
  readonly failed: boolean;
  readonly milliseconds: number;
  /** Milliseconds that recording its values took, once its widgets had come to rest. */
  readonly recording: number;
  /** Variables, the value shown, displayed widgets, expectations; what else the cell shows is added from its messages. */
  readonly quantities: readonly Quantity[];
}

export interface NotebookRecording {
  readonly cells: readonly RecordedCell[];
  /** What `report.precompute` was asked for, in that order. */
  readonly wishes: readonly PrecomputeWish[];
  /** Records nothing more. */
  end(): void;
}

/** Longest time in milliseconds that a widget is waited for, so that what it shows is what it ends with. */
const PATIENCE = 60_000;

/**
 * Records the cells that end from now on. A variable that a cell leaves as an earlier one did is not recorded again.
 *
 * @param text Changes each text among the values.
 */
export function recordCells(host: Host, text?: (text: string) => string): NotebookRecording {
  const cells: RecordedCell[] = [];
  const wishes: PrecomputeWish[] = [];
  const registry = widgetRegistry(host.comms);
  const known: Known = { widget: (value) => traitsOf(value, registry), ...(text && { text }) };
  const last = new Map<string, string>();
  const imported = new Set<string>();
  let expectations: Expectation[] = [];
  let shown: object[] = [];

  const { display } = host;
  const seen = new WeakSet<object>();
  /** The host's own method, which tells which widgets a cell displays. */
  host.display = (bundle, options) => {
    const widget = widgetOf(bundle, registry);
    // A widget's stored picture is renewed whenever it is ready: no cell asked for it.
    if (widget && !(options?.update && seen.has(widget))) shown.push(widget);
    if (widget) seen.add(widget);
    display.call(host, bundle, options);
  };

  const recorder: NotebookRecorder = {
    expected: (expectation) => void expectations.push(expectation),
    wished: (wish) => void wishes.push(wish),
    async cellEnded(cell) {
      const [stated, displayed] = [expectations, shown];
      [expectations, shown] = [[], []];
      await settled([...cell.variables.values(), ...displayed, ...cell.result], registry);
      const started = performance.now();
      for (const name of importedIn(cell.code).keys()) imported.add(name);
      const quantities = await quantitiesOf(cell, displayed, stated, { known, last, imported }).catch(
        (error): Quantity[] => [
          { place: "output", name: "recording", value: { kind: "opaque", type: `failed: ${error}` } },
        ],
      );
      const { id, source, code, failed, milliseconds } = cell;
      cells.push({ ...{ id, source, code, failed, milliseconds }, recording: performance.now() - started, quantities });
    },
  };
  recordNotebook(recorder);
  return {
    cells,
    wishes,
    end() {
      recordNotebook(undefined);
      host.display = display;
    },
  };
}

/** What a recording knows from one cell to the next. */
interface Remembered {
  readonly known: Known;
  /** Of each variable, the record that it was given last, as JSON. */
  readonly last: Map<string, string>;
  /** Variables that hold what was imported, which no cell has computed. */
  readonly imported: ReadonlySet<string>;
}

async function quantitiesOf(
  cell: RanCell,
  displayed: readonly object[],
  expectations: readonly Expectation[],
  { known, last, imported }: Remembered,
): Promise<Quantity[]> {
  const recorded = new Set<unknown>();
  const variables: Quantity[] = [];
  // What a cell mentions and has no value was taken away, if it was there before.
  const names = [...new Set([...cell.variables.keys(), ...boxesIn(cell.code)])].sort(byCharacters);
  for (const name of names) {
    if (imported.has(name)) continue;
    const held = cell.variables.get(name);
    if (held !== undefined) recorded.add(held);
    const value = await recordValue(held, known);
    // A function and the like say nothing but that they are there, and that what was there is gone.
    const says = held !== undefined && (value.kind !== "opaque" || value.type === IN_MOTION);
    if (!says && !last.has(name)) continue;
    const json = JSON.stringify(value);
    if (last.get(name) === json) continue;
    last.set(name, json);
    variables.push({ place: "variable", name, value });
  }
  const outputs: Quantity[] = [];
  const results = cell.result.filter((value) => value !== undefined && !recorded.has(value));
  for (const value of results) {
    recorded.add(value);
    outputs.push({ place: "output", name: "result", value: await recordValue(value, known) });
  }
  const widgets = [...new Set(displayed)].filter((widget) => !recorded.has(widget));
  for (const [index, widget] of widgets.entries()) {
    outputs.push({ place: "output", name: `widget ${index + 1}`, value: await recordValue(widget, known) });
  }
  const stated = expectations.map(({ value, expected, tolerance }, index): Quantity => {
    const [is, wanted, most] = [value, expected, tolerance].map(numberRecord) as [
      NumberRecord,
      NumberRecord,
      NumberRecord,
    ];
    return {
      place: "expectation",
      name: `expectation ${index + 1}`,
      value: { kind: "expectation", value: is, expected: wanted, tolerance: most },
    };
  });
  return [
    ...variables,
    ...outputs.filter(({ value }) => value.kind !== "opaque" || value.type === IN_MOTION),
    ...stated,
  ];
}

type NumberRecord = ReturnType<typeof numberRecord>;

/** Without the rules of a language: the same everywhere. */
const byCharacters = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function widgetOf(bundle: MimeBundle, registry: WidgetRegistry): object | undefined {
  const view = bundle[WIDGET_VIEW] as { model_id?: unknown } | undefined;
  return typeof view?.model_id === "string" ? registry.find(view.model_id) : undefined;
}

/** Waits for the widgets among some values until they show what they were asked for. */
async function settled(values: readonly unknown[], registry: WidgetRegistry): Promise<void> {
  const waits = values.flatMap((value) => {
    const widget = isWidget(value, registry) ? (value as { pictureReady?(): Promise<unknown> | undefined }) : undefined;
    return [widget?.pictureReady?.()].filter((ready) => ready !== undefined);
  });
  if (waits.length === 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([Promise.allSettled(waits), patience]);
  clearTimeout(timer);
}

function isWidget(value: unknown, registry: WidgetRegistry): value is { readonly id: string } {
  if (typeof value !== "object" || value === null || !("id" in value)) return false;
  return typeof value.id === "string" && registry.find(value.id) === value;
}

/** Traits that tell of the run or of looks, and not of what was computed. */
const UNTOLD = new Set(["layout", "style", "milliseconds", "rate", "tooltip"]);

/** A widget's traits, with widgets in the place of references: those of its class and its own, not the protocol's. */
function traitsOf(value: object, registry: WidgetRegistry): Record<string, unknown> | typeof IN_MOTION | undefined {
  if (!isWidget(value, registry)) return undefined;
  const state = registry.stateOf(value.id) ?? {};
  // Where it stands by now depends on how fast this machine is.
  if (state["playing"] === true || state["running"] === true) return IN_MOTION;
  const told = Object.entries(state).filter(([name]) => !name.startsWith("_") && !UNTOLD.has(name));
  return Object.fromEntries(told.map(([name, trait]) => [name, resolved(trait, registry)]));
}

function resolved(trait: unknown, registry: WidgetRegistry): unknown {
  if (Array.isArray(trait)) return trait.map((item) => resolved(item, registry));
  if (typeof trait !== "string" || !trait.startsWith(MODEL_REFERENCE)) return trait;
  return registry.find(trait.slice(MODEL_REFERENCE.length)) ?? null;
}
