import type { ISerializers } from "@jupyter-widgets/base";
import { insertBuffers } from "../../comms/buffers.js";
import { assignPath, plotlyFigureState } from "../../comms/states/plotly-figure.js";
import { modelOf } from "../parts/model.js";

/** Bytes that came over the wire as plotly takes them: an `ArrayBuffer` that they fill. */
function readable(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    return value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength);
  }
  if (Array.isArray(value)) return value.map(readable);
  if (value === null || typeof value !== "object" || value instanceof ArrayBuffer) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
}

const serializer: ISerializers[string] = { deserialize: readable, serialize: (held) => held };

/** A change of a few attributes. */
export type FigureChange =
  | { kind: "restyle"; update: Record<string, unknown>; traces: number[] }
  | { kind: "relayout"; update: Record<string, unknown> };

export class PlotlyFigureModel extends modelOf("PlotlyFigure", plotlyFigureState, {
  data: serializer,
  plotLayout: serializer,
}) {
  // biome-ignore lint/suspicious/noExplicitAny: as Backbone has it
  override initialize(attributes: any, options: any): void {
    super.initialize(attributes, options);
    this.on("msg:custom", (content: Record<string, unknown>, buffers: DataView[]) => {
      const { buffer_paths: paths, ...change } = content;
      insertBuffers(change, paths as (string | number)[][], buffers);
      this.apply(readable(change) as FigureChange);
    });
  }

  /** Takes a change into the state, for views that come later, and tells those that there are. */
  private apply(change: FigureChange): void {
    const traces = change.kind === "restyle" ? this.trait("data") : [];
    const targets =
      change.kind === "restyle" ? change.traces.map((place) => traces[place]!) : [this.trait("plotLayout")];
    for (const target of targets) {
      for (const [path, value] of Object.entries(change.update)) assignPath(target, path, value);
    }
    this.trigger("limpid:figure");
  }
}
