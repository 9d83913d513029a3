import { formatNumber, formatPercent } from "../../comms/format.js";
import { element } from "../parts/dom.js";
import { shareAt } from "./charts.js";
import type { FlippingCurveModel } from "./model.js";

/** CSS pixels that a pointer moves until it draws a range. */
const DRAG = 4;

/** What lies around the curves: the pointer over a step looks at it, dragging chooses a range; arrow keys do both. */
export function area(model: FlippingCurveModel, chart: HTMLElement): { element: HTMLElement; dispose(): void } {
  const made = element("div", { class: "limpid-line-area" }, chart);
  /** Where a range was begun, by the pointer or the keyboard. */
  let begun: { step: number; left: number } | undefined;
  let anchor = -1;
  let dragged = false;

  const last = () => model.trait("shares").length - 1;
  const isHere = () => model.run !== undefined && model.trait("tab") === "methods";
  const point = (cursor: number) => {
    if (cursor !== model.trait("cursor")) model.choose({ cursor });
  };
  const select = (from: number, to: number) => {
    const range = [Math.min(from, to), Math.max(from, to)];
    const now = model.trait("range");
    if (now?.[0] !== range[0] || now?.[1] !== range[1]) model.choose({ range: range[0] === range[1] ? null : range });
  };
  const stepAt = (event: PointerEvent) => {
    const { left, width } = made.getBoundingClientRect();
    const share = shareAt(event.clientX - left, width, model.most);
    const shares = model.trait("shares");
    let nearest = 0;
    shares.forEach((one, step) => {
      if (Math.abs(one - share) < Math.abs(shares[nearest]! - share)) nearest = step;
    });
    return nearest;
  };

  made.addEventListener("pointermove", (event) => {
    if (!isHere()) return;
    const step = stepAt(event);
    point(step);
    if (begun === undefined) return;
    dragged ||= Math.abs(event.clientX - begun.left) >= DRAG;
    if (dragged) select(begun.step, step);
  });
  made.addEventListener("pointerdown", (event) => {
    if (!isHere() || event.button !== 0) return;
    begun = { step: stepAt(event), left: event.clientX };
    dragged = false;
    made.setPointerCapture(event.pointerId);
  });
  for (const name of ["pointerup", "pointercancel"]) made.addEventListener(name, () => (begun = undefined));
  made.addEventListener("dblclick", () => model.choose({ range: null }));
  made.addEventListener("keydown", (event) => {
    if (!isHere() || event.ctrlKey || event.metaKey || event.altKey) return;
    const cursor = model.trait("cursor");
    const from = Math.max(cursor, 0);
    const target = {
      ArrowLeft: from - 1,
      ArrowRight: cursor < 0 ? 0 : from + 1,
      PageDown: from - 5,
      PageUp: from + 5,
      Home: 0,
      End: last(),
      // First the range goes, then the cursor; then Escape leaves the widget.
      ...((cursor >= 0 || model.trait("range") !== null) && { Escape: -1 }),
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    if (event.key === "Escape") {
      if (model.trait("range") !== null) model.choose({ range: null });
      else point(-1);
      return;
    }
    const step = Math.min(Math.max(target, 0), last());
    if (!event.shiftKey) anchor = -1;
    else if (anchor < 0) anchor = from;
    point(step);
    if (anchor >= 0) select(anchor, step);
  });

  /** Where the reader flips there is no step to choose: then it is a picture. */
  const say = () => {
    const isSlider = model.trait("tab") === "methods";
    const [cursor, shares] = [model.trait("cursor"), model.trait("shares")];
    const watched = model.lines.find(({ curve }) => curve === model.trait("watched"));
    const value = watched?.value ?? null;
    const share = shares[cursor];
    const read = value === null ? "" : `, ${watched!.label} ${formatNumber(value)}`;
    const words = share === undefined ? "no step" : `step ${cursor}, ${formatPercent(share)} flipped${read}`;
    const attributes: Record<string, string | null> = {
      tabindex: isSlider ? "0" : null,
      role: isSlider ? "slider" : "img",
      "aria-label": isSlider ? "Step of flipping" : "The curve of what you flipped",
      "aria-valuemin": isSlider ? "0" : null,
      "aria-valuemax": isSlider ? String(Math.max(0, last())) : null,
      "aria-valuenow": isSlider ? String(Math.max(0, cursor)) : null,
      "aria-valuetext": isSlider ? words : null,
    };
    for (const [name, given] of Object.entries(attributes)) {
      if (given === null) made.removeAttribute(name);
      else made.setAttribute(name, given);
    }
  };
  const undo = model.watch(["cursor", "watched", "runs", "drawn", "shares", "tab", "reader"], say);
  say();
  return { element: made, dispose: undo };
}
