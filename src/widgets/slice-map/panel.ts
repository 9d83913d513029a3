import { formatNumber, formatSigned } from "../../comms/format.js";
import { clipLimit } from "../../comms/states/colors.js";
import type { SliceMapInfo } from "../../comms/states/slice-map.js";
import { cutoffOf, extentOf, indexOf, type Plane } from "../../comms/states/slices.js";
import { colorBar } from "../heatmap/color-bar.js";
import { element } from "../parts/dom.js";
import { writes } from "../parts/lock.js";
import { type PlaneContent, planeView } from "./plane.js";

/** What a panel shows of its map. */
interface PanelContent extends Omit<PlaneContent, "cutoff" | "limit" | "signed"> {
  threshold: number;
  percentile: number;
  /** The value of the end color; null takes it from `percentile`. */
  held: number | null;
}

export interface Panel {
  element: HTMLElement;
  set(content: PanelContent): void;
  /** Reads another voxel than the one where the cuts meet; null: that one. */
  read(voxel: readonly number[] | null): void;
  dispose(): void;
}

interface PanelListeners {
  read(voxel: readonly number[] | null): void;
  move(voxel: readonly number[]): void;
  /** The scale is to stay at this value; null: to follow the map. */
  hold(limit: number | null): void;
}

/** One map: its cuts to one scale, the value that is read, and what its colors mean. */
export function panel(info: SliceMapInfo, planes: readonly Plane[], listeners: PanelListeners): Panel {
  const views = planes.map((plane) => planeView(plane, info.label, listeners));
  const value = element("strong", {});
  const where = element("span", {});
  const reading = element("div", { class: "limpid-slice-value" }, value, " ", where);
  const mosaic = element(
    "div",
    { class: planes.length > 1 ? "limpid-slice-mosaic" : "limpid-slice-single" },
    ...views.map(({ element: view }) => view),
    reading,
  );
  let limit = 0;
  const bar = colorBar((hold) => listeners.hold(hold ? limit : null));
  writes(bar.element, "limits");
  const cut = element("div", { class: "limpid-slice-cut" });
  let content: PanelContent | null = null;
  /** Of these values: a move of the cross asks for neither anew. */
  let known: { values: Float32Array; threshold: number; percentile: number; cutoff: number; clip: number } | null =
    null;

  const read = (pointed: readonly number[] | null) => {
    for (const view of views) view.point(pointed);
    if (content === null || known === null) return;
    const at = content.values[indexOf(content.shape, pointed ?? content.cursor)]!;
    const inside = !Number.isNaN(at);
    value.textContent = inside ? `${formatSigned(at)}${info.unit === "" ? "" : ` ${info.unit}`}` : "no value";
    value.className = !info.signed || !inside ? "" : at > 0 ? "limpid-for" : at < 0 ? "limpid-against" : "";
    const hidden = inside && Math.abs(at) < known.cutoff ? ", hidden" : "";
    where.textContent = `${pointed === null ? "at the cross" : "at the pointer"}${hidden}`;
    bar.mark(inside ? at : null);
  };

  return {
    element: element(
      "section",
      { class: "limpid-slice-panel", "aria-label": info.label },
      element("h4", { title: info.hint }, info.label),
      mosaic,
      bar.element,
      cut,
    ),
    set(next) {
      content = next;
      const { values, threshold, percentile, held, shape, voxel } = next;
      if (known?.values !== values || known.threshold !== threshold || known.percentile !== percentile) {
        const [cutoff, clip] = [cutoffOf(values, threshold), clipLimit(values, percentile)];
        known = { values, threshold, percentile, cutoff, clip };
        let shown = 0;
        for (const one of values) if (Math.abs(one) >= cutoff) shown += 1;
        cut.hidden = threshold === 0;
        cut.textContent = `${shown} voxels from ±${formatNumber(cutoff)} on`.replace("±", info.signed ? "±" : "");
      }
      limit = held ?? known.clip;
      if (planes.length > 1) {
        const [first, second] = planes.map((plane) => extentOf(shape, voxel, plane)[1]);
        mosaic.style.gridTemplateColumns = `minmax(0, ${first}fr) minmax(0, ${second}fr)`;
      }
      for (const view of views) view.set({ ...next, cutoff: known.cutoff, limit, signed: info.signed });
      bar.set(limit, info.signed, held !== null, info.ends);
      read(null);
    },
    read,
    dispose() {
      for (const view of views) view.dispose();
    },
  };
}
