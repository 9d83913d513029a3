import { formatNumber, formatSigned } from "../../comms/format.js";
import type { PictureMode } from "../../comms/states/heatmap.js";
import { betterWords, type CellPhase, type GridColumn, type GridScore } from "../../comms/states/method-grid.js";
import { layers } from "../heatmap/draw.js";
import { WHOLE } from "../heatmap/viewport.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { remaining } from "../parts/remaining.js";
import { onSize } from "../parts/size.js";
import type { GridCellModel } from "./model.js";

/** A place in a picture, in shares of its width and height. */
export interface Spot {
  u: number;
  v: number;
}

/** How all maps of a grid are seen. */
interface Looks {
  mode: PictureMode;
  opacity: number;
  /** The value that gets the end color of this map. */
  limit: number;
  /** Whether that is this map's own, which its heading then says. */
  own: boolean;
}

/** What a measure says of one map. */
interface TileScore extends Pick<GridScore, "label" | "better"> {
  value: number | null;
  /** Why there is no value, where that is known. */
  reason: string | null;
}

export interface Tile {
  element: HTMLButtonElement;
  /** Takes what measures say of it, of which the first stands in its heading. */
  score(scores: readonly TileScore[]): void;
  /** Takes how it is seen; paints in the next animation frame. */
  look(looks: Looks): void;
  setImage(image: Grid<Uint8Array> | null): void;
  /** Marks a spot and says its value, or neither. */
  point(spot: Spot | null): void;
  select(open: boolean): void;
  dispose(): void;
}

const WORDS: Record<CellPhase, string> = {
  waiting: "waiting",
  working: "computing…",
  done: "",
  stopped: "stopped",
  failed: "",
};

/** One map with its heading: a button that opens it. */
export function tile(cell: GridCellModel, column: GridColumn, onPoint: (spot: Spot | null) => void): Tile {
  const drawing = layers();
  const canvas = element("canvas", { class: "limpid-tile-canvas", "aria-hidden": "true" });
  const marker = element("span", { class: "limpid-tile-marker", hidden: true });
  const words = element("span", { class: "limpid-tile-words" });
  const fill = element("span", { class: "limpid-progress-fill" });
  const bar = element("span", { class: "limpid-progress-bar", hidden: true }, fill);
  const cover = element("span", { class: "limpid-tile-cover", hidden: true }, words, bar);
  const name = element("span", { class: "limpid-tile-name" });
  const asked =
    column.caption === undefined ? [] : [element("span", { class: "limpid-tile-caption" }, column.caption, " ")];
  const target = element("span", { class: "limpid-tile-target" });
  const facts = element("span", { class: "limpid-tile-facts" });
  const measure = element("span", { class: "limpid-tile-measure" });
  const value = element("span", { class: "limpid-tile-value" });
  const scored = element("span", { class: "limpid-tile-score", hidden: true }, " ", measure, " ", value);
  const frame = element("span", { class: "limpid-tile-picture" }, canvas, marker, cover);
  const made = element(
    "button",
    { type: "button", class: "limpid-tile", tabindex: -1, "aria-expanded": "false" },
    element(
      "span",
      { class: "limpid-tile-heading" },
      name,
      ...asked,
      element("span", { class: "limpid-tile-books" }, target, " ", facts),
      scored,
    ),
    frame,
  );

  let looks: Looks = { mode: "overlay", opacity: 1, limit: 0, own: true };
  let photo: Grid<Uint8Array> | null = null;
  let spot: Spot | null = null;
  let scores: readonly TileScore[] = [];
  let frameRequest = 0;
  let colored = "";
  let relevance: Grid<Float32Array> | null = null;
  let ratio = 1;

  const left = remaining();
  const mode = () => (photo === null ? "map" : looks.mode);
  const paint = () => {
    frameRequest = 0;
    const signed = cell.trait("signed");
    const shown = cell.trait("relevance");
    const key = [mode(), looks.limit, signed, photo === null].join(" ");
    if (key !== colored || shown !== relevance) drawing.setRelevance(shown, looks.limit, signed, mode());
    [colored, relevance] = [key, shown];
    const scale = window.devicePixelRatio || 1;
    if (canvas.clientWidth === 0) return sized.again();
    const width = Math.max(1, Math.round(canvas.clientWidth * scale));
    const height = Math.max(1, Math.round(canvas.clientHeight * scale));
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    drawing.paint(canvas, mode(), looks.opacity, WHOLE);
  };
  const schedule = () => {
    if (frameRequest === 0) frameRequest = requestAnimationFrame(paint);
  };
  const fit = () => {
    const [rows = 0, columns = 0] = (cell.trait("relevance") ?? photo)?.shape ?? [];
    ratio = rows > 0 && columns > 0 ? columns / rows : 1;
    canvas.style.aspectRatio = String(ratio);
    schedule();
  };
  const valueAt = ({ u, v }: Spot): number | null => {
    const map = cell.trait("relevance");
    if (map === null) return null;
    const [rows = 0, columns = 0] = map.shape;
    const at = (share: number, size: number) => Math.min(Math.max(Math.floor(share * size), 0), size - 1);
    return map.values[at(v, rows) * columns + at(u, columns)] ?? null;
  };
  const say = () => {
    const [phase, share, output, total] = [
      cell.trait("phase"),
      cell.trait("progress"),
      cell.trait("output"),
      cell.trait("total"),
    ];
    const [warnings, error, signed] = [cell.trait("warnings"), cell.trait("error"), cell.trait("signed")];
    const reading = spot && valueAt(spot);
    const heading = element("span", {}, column.label);
    name.replaceChildren(heading);
    if (column.note !== "") name.append(element("span", { class: "limpid-tile-note" }, ` ${column.note}`));
    if (warnings.length > 0)
      name.append(element("span", { class: "limpid-tile-warning", "aria-hidden": "true" }, " ⚠"));
    // What is written side by side is words of their own to who reads the text alone.
    name.append(" ");
    target.textContent = cell.trait("target");
    const end = looks.own && looks.limit > 0 ? `${signed ? "±" : "≤\u202f"}${formatNumber(looks.limit, 2)}` : "";
    const books = [total === null ? "" : `Σ\u202f${formatNumber(total)}`, end].filter((part) => part !== "");
    facts.textContent = reading === null ? books.join(" · ") : signed ? formatSigned(reading) : formatNumber(reading);
    facts.classList.toggle("limpid-tile-reading", reading !== null);
    const [main] = scores;
    scored.hidden = main === undefined;
    measure.textContent = main?.label ?? "";
    value.textContent = main === undefined ? "" : main.value === null ? "\u2013" : formatNumber(main.value);

    const failed = phase === "failed";
    // Also without a share: the time counts from the beginning.
    const done = left(phase === "working" ? (share ?? 0) : null);
    frame.classList.toggle("limpid-tile-empty", phase !== "done");
    cover.hidden = phase === "done";
    cover.classList.toggle("limpid-error", failed);
    words.textContent = failed ? error : phase === "working" && share !== null ? done : WORDS[phase];
    words.title = failed ? error : "";
    bar.hidden = phase !== "working";
    bar.classList.toggle("limpid-unknown", share === null);
    fill.style.width = share === null ? "" : `${100 * share}%`;

    const sum =
      total === null
        ? "Its values are no shares of the output, so their sum says nothing."
        : `The relevance adds up to ${formatNumber(total, 4)}${output === null ? "" : `; the explained output is ${formatNumber(output, 4)}`}.`;
    const told = warnings.map((warning) => `⚠ ${warning}`);
    const measured = scores.map(scoreWords);
    made.title = [column.hint, ...measured, ...(phase === "done" ? [sum, ...told] : [])]
      .filter((part) => part !== "")
      .join("\n");
    const state = failed ? `${error} (failed)` : phase === "done" ? sum : words.textContent;
    made.setAttribute(
      "aria-label",
      [
        [column.label, column.note, column.caption, cell.trait("target"), books.join(" · ")].filter(Boolean).join(" "),
        ...measured,
        state,
        ...told,
      ]
        .filter(Boolean)
        .join(". "),
    );
    made.setAttribute("aria-busy", String(phase === "working"));
  };

  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    onPoint({ u: (event.clientX - box.left) / box.width, v: (event.clientY - box.top) / box.height });
  });
  canvas.addEventListener("pointerleave", () => onPoint(null));

  const undo = [
    cell.watch(["phase", "progress", "target", "output", "total", "warnings", "error", "signed"], say),
    cell.watch(["relevance"], fit),
    cell.watch(["signed"], schedule),
  ];
  const sized = onSize(canvas, schedule);
  fit();
  say();
  return {
    element: made,
    score(next) {
      scores = next;
      say();
    },
    look(next) {
      looks = next;
      say();
      schedule();
    },
    setImage(image) {
      if (image === photo) return;
      photo = image;
      drawing.setImage(image);
      colored = "";
      fit();
    },
    point(next) {
      spot = next;
      const value = next && valueAt(next);
      marker.hidden = next === null || value === null;
      if (next !== null && value !== null)
        Object.assign(marker.style, { left: `${100 * next.u}%`, top: `${100 * next.v}%` });
      say();
    },
    select: (open) => made.setAttribute("aria-expanded", String(open)),
    dispose() {
      for (const stop of undo) stop();
      sized.end();
      cancelAnimationFrame(frameRequest);
    },
  };
}

function scoreWords({ label, better, value, reason }: TileScore): string {
  if (value === null) return `${label}: no value${reason === null ? "" : `, ${reason}`}`;
  return `${label} ${formatNumber(value, 4)} (${betterWords({ better })})`;
}
