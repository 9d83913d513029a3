import { type ISerializers, unpack_models } from "@jupyter-widgets/base";
import {
  comparedReader,
  type FlippingRun,
  flippingCurveState,
  READER,
  type ReaderCurve,
  readerAt,
  regionsAt,
  summariesOf,
  summaryOf,
  wantedFrame,
} from "../../comms/states/flipping-curve.js";
import type { GridCellModel } from "../method-grid/model.js";
import type { Grid } from "../parts/grid.js";
import { arraySerializer, modelOf } from "../parts/model.js";

/** A run as the browser holds it. */
export type ShownRun = Omit<FlippingRun, "steps"> & { steps: Grid<Float32Array> | null };

const read = arraySerializer.deserialize!;
const write = arraySerializer.serialize!;

const runs: ISerializers[string] = {
  deserialize: (sent: FlippingRun[], manager) => sent.map((run) => ({ ...run, steps: read(run.steps, manager) })),
  serialize: (held: ShownRun[]) => held.map((run) => ({ ...run, steps: write(run.steps) })),
};

/** One line of the table: what a curve is called and comes to. */
export interface Line {
  /** Place among the methods, or `READER`. */
  curve: number;
  label: string;
  /** The output at the step that is looked at. */
  value: number | null;
  /** What it comes to in the range. */
  summary: number | null;
  /** Why there is no curve, or no number for it. */
  reason: string;
}

export class FlippingCurveModel extends modelOf("FlippingCurve", flippingCurveState, {
  runs,
  cells: { deserialize: unpack_models } as ISerializers[string],
}) {
  get cells(): GridCellModel[] {
    return this.get("cells") as unknown as GridCellModel[];
  }

  get runs(): ShownRun[] {
    return this.get("runs") as ShownRun[];
  }

  /** The run that is drawn. */
  get run(): ShownRun | undefined {
    return this.runs[this.trait("drawn")];
  }

  get regions(): number {
    return this.trait("rows") * this.trait("columns");
  }

  /** Whether the kernel measures. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }

  /** The last share that is drawn: while the reader flips, a little more than he has. */
  get most(): number {
    if (this.trait("tab") === "methods") return 1;
    const picked = (this.trait("reader")?.values.length ?? 1) - 1;
    return Math.min(1, Math.max(0.1, (1.25 * picked) / this.regions));
  }

  /** First and last step that are summed up. */
  get range(): [number, number] {
    const last = this.trait("shares").length - 1;
    const [from, to] = this.trait("range") ?? [0, last];
    return [Math.max(0, Math.min(from!, last)), Math.max(0, Math.min(to!, last))];
  }

  /** The reader's curve where it stands beside the methods'. */
  get reader(): ReaderCurve | null {
    return comparedReader(this.trait("reader"), this.run as FlippingRun | undefined);
  }

  /** What the methods of a run come to in the range. */
  summaries(run: ShownRun): (number | null)[] {
    return summariesOf(run as unknown as FlippingRun, this.trait("shares"), this.trait("summary"), this.range);
  }

  /** The lines of the table, methods first, the reader last. */
  get lines(): Line[] {
    const { run, reader } = this;
    if (run === undefined) return [];
    const cursor = this.trait("cursor");
    const summaries = this.summaries(run);
    const lines = this.trait("methods").map(({ label }, curve): Line => {
      const value = cursor < 0 ? null : (run.curves[curve]?.[cursor] ?? null);
      return { curve, label, value, summary: summaries[curve] ?? null, reason: run.errors[curve] ?? "" };
    });
    if (reader === null) return lines;
    const shares = this.trait("shares");
    const values = readerAt(reader, shares, this.regions);
    const [from, to] = this.range;
    const reach = values.slice(0, to + 1);
    const whole = reach.every((value) => value !== null);
    const summary = whole ? summaryOf(reach as number[], shares, this.trait("summary"), [from, to]) : null;
    const reason = whole ? "" : "You flipped less than this range";
    const value = cursor < 0 ? null : (values[cursor] ?? null);
    return [...lines, { curve: READER, label: "You", value, summary, reason }];
  }

  /** The regions that are flipped at a step of a curve: not 0 where one is. */
  flipped(curve: number, step: number): Uint8Array {
    const found = new Uint8Array(this.regions);
    if (curve === READER) {
      const { picks } = this.trait("reader") ?? { picks: [] };
      for (const pick of picks.slice(0, step)) found[pick] = 1;
      return found;
    }
    const { steps } = this.run ?? {};
    if (!steps) return found;
    for (let region = 0; region < this.regions; region++) {
      const at = steps.values[curve * this.regions + region]!;
      if (at >= 1 && at <= step) found[region] = 1;
    }
    return found;
  }

  /** How many of his regions the reader had flipped at a step of the methods. */
  readersAt(step: number): number {
    const flipped = regionsAt(this.trait("shares")[step] ?? 0, this.regions);
    return Math.min(flipped, (this.trait("reader")?.values.length ?? 1) - 1);
  }

  /** The picture that should be seen. */
  get wanted() {
    return wantedFrame({
      tab: this.trait("tab"),
      watched: this.trait("watched"),
      cursor: this.trait("cursor"),
      shares: this.trait("shares"),
      rows: this.trait("rows"),
      columns: this.trait("columns"),
      runs: this.runs as unknown as FlippingRun[],
      drawn: this.trait("drawn"),
      reader: this.trait("reader"),
    });
  }
}
