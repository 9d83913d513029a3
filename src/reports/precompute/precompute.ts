/** Computes the states that `report.precompute` was asked for, in the kernel's process when all cells have run. */
import { formatShort } from "../../comms/format.js";
import type { PrecomputeWish } from "../../comms/recording.js";
import type { WidgetRegistry } from "../../comms/widget-registry.js";
import { megabytes } from "../levels.js";
import { keyOf, type PrecomputedTable, type TableState } from "../table.js";
import { axesOf, PrecomputeError, type SettableWidget, statesOf, type WishedAxis } from "./axes.js";
import { changesOf, kept, lostOf, Packed, type States } from "./changes.js";

/** What became of a wish on one widget. */
export interface WishOutcome {
  /** The model that has the settings. */
  readonly model: string;
  /** The states, and the bytes of their arrays; absent where they were refused. */
  readonly table?: PrecomputedTable;
  readonly bytes?: Uint8Array;
  /** Why there are none. */
  readonly refused?: string;
}

/** States that are computed to tell what all take. */
const SAMPLES = 3;
/** How much longer than was told it may take until it is given up. */
const OVERTIME = 2;

/** @param tell hears what a wish takes, before it is computed */
export async function precomputed(
  wishes: readonly PrecomputeWish[],
  registry: WidgetRegistry,
  tell: (words: string) => void,
): Promise<WishOutcome[]> {
  const outcomes: WishOutcome[] = [];
  for (const wish of wishes) {
    const own = (wish.widget as SettableWidget | undefined)?.id ?? "";
    const refuse = (model: string, error: unknown) => {
      if (!(error instanceof PrecomputeError)) throw error;
      outcomes.push({ model, refused: error.message });
    };
    let all: WishedAxis[][] = [];
    try {
      all = axesOf(wish, registry);
    } catch (error) {
      refuse(own, error);
    }
    for (const axes of all) {
      try {
        outcomes.push(await onWidget(axes, wish, registry, tell));
      } catch (error) {
        refuse(axes[0]!.widget.id, error);
      }
    }
  }
  return outcomes;
}

async function onWidget(
  axes: readonly WishedAxis[],
  wish: PrecomputeWish,
  registry: WidgetRegistry,
  tell: (words: string) => void,
): Promise<WishOutcome> {
  const { widget } = axes[0]!;
  const shown = kept(registry.states());
  const settings = axes.reduce<object>((set, axis) => axis.with(set, axis.shown), {});
  const listed = axes.map(({ widget, setting, label, values, shown, ordered, group }) => ({
    ...{ model: widget.id, setting, label, values, shown, ordered, group },
  }));
  const states = statesOf(axes);
  const packed = new Packed();
  if (states.length === 0) return { model: widget.id, table: { axes: listed, states: [] }, bytes: packed.bytes() };
  const found: (TableState | undefined)[] = states.map(() => undefined);
  const compute = async (at: number) => {
    const values = states[at]!;
    try {
      widget.set(axes.reduce<object>((set, axis, place) => axis.with(set, values[place]), {}));
    } catch (cause) {
      // A value that the widget refuses, or an observer of the notebook that throws.
      const given = axes.map(({ label }, place) => `${label} = ${JSON.stringify(values[place])}`).join(", ");
      throw new PrecomputeError(`report.precompute: ${given} is not possible: ${(cause as Error).message}`, { cause });
    }
    await settled(registry);
    found[at] = { key: keyOf(listed, values), changes: changesOf(shown, registry.states(), packed) };
  };
  const start = performance.now();
  try {
    const sampled = [...new Set([0, states.length >> 1, states.length - 1])].slice(0, SAMPLES);
    for (const at of sampled) await compute(at);
    const share = states.length / sampled.length;
    const seconds = ((performance.now() - start) / 1000) * share;
    const text = JSON.stringify(found).length;
    const bytes = (packed.size + text) * share;
    const names = axes.map(({ label }) => label).join(", ");
    const cost = `${states.length} states (${names}), about ${megabytes(bytes)} and ${formatShort(seconds, 2)} s`;
    tell(`report.precompute: ${cost}`);
    const over = [
      bytes > wish.megabytes * 1e6 ? `${formatShort(wish.megabytes)} MB` : "",
      seconds > wish.seconds ? `${formatShort(wish.seconds)} s` : "",
    ].filter((limit) => limit !== "");
    if (over.length > 0) {
      const limits = `{ megabytes: ${Math.ceil(bytes / 1e6)}, seconds: ${Math.ceil(seconds)} }`;
      return {
        model: widget.id,
        refused: `${cost} are more than ${over.join(" and ")}: take fewer values, or give report.precompute ${limits}`,
      };
    }
    for (const at of states.keys()) {
      if (found[at] !== undefined) continue;
      await compute(at);
      const taken = (performance.now() - start) / 1000;
      if (taken > OVERTIME * wish.seconds) {
        return {
          model: widget.id,
          refused: `${states.length} states take longer than ${formatShort(wish.seconds)} s: after ${formatShort(taken)} s there were ${at + 1}`,
        };
      }
    }
    const table: PrecomputedTable = { axes: listed, states: found as TableState[] };
    return { model: widget.id, table, bytes: packed.bytes() };
  } finally {
    widget.set(settings);
    await settled(registry);
    restored(shown, registry);
  }
}

/** Waits until all widgets show what they were asked for: observers may have asked others. */
async function settled(registry: WidgetRegistry): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    const widgets = [...registry.states().keys()].map((id) => registry.find(id) as SettableWidget | undefined);
    await Promise.allSettled(widgets.map((widget) => widget?.pictureReady?.()));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What was computed again may differ in its last bit: the shown state is put back as it was. */
function restored(shown: States, registry: WidgetRegistry): void {
  for (const [id, state] of shown) {
    const lost = lostOf(state, registry.stateOf(id) ?? state);
    if (Object.keys(lost).length > 0) registry.restore(id, lost);
  }
}
