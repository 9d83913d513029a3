import { formatNumber, formatPercent } from "../../comms/format.js";
import { READER, sameFrame } from "../../comms/states/flipping-curve.js";
import { button, buttonRow } from "../parts/buttons.js";
import { element } from "../parts/dom.js";
import type { FlippingCurveModel } from "./model.js";
import { regionPicture } from "./region-picture.js";

/** Where the reader flips: the picture to click, what the network says of it now, and the way to the methods. */
export function readersPart(model: FlippingCurveModel): { element: HTMLElement; show(): void; dispose(): void } {
  const pick = (region: number) => {
    const picks = model.trait("picks");
    if (!picks.includes(region)) model.choose({ picks: [...picks, region] });
  };
  const undo = () => model.choose({ picks: model.trait("picks").slice(0, -1) });
  const picture = regionPicture("The picture", {
    onPick: pick,
    onUndo: undo,
    say: (region) => {
      const columns = model.trait("columns");
      const place = model.trait("picks").indexOf(region);
      const state = place < 0 ? "not flipped" : `flipped as number ${place + 1}`;
      return `Row ${Math.floor(region / columns) + 1}, column ${(region % columns) + 1}, ${state}`;
    },
  });
  const words = element("p", { class: "limpid-flip-task" });
  const value = element("strong", { class: "limpid-figure" });
  const remark = element("span", { class: "limpid-remark" });
  const back = button("Undo", "Take the last region back (Backspace)", undo);
  const anew = button("Clear", "Take all regions back", () => model.choose({ picks: [] }));
  const compare = button(
    "Compare with the methods",
    "Show the methods' curves, summed up as far as you flipped",
    () => {
      const reader = model.trait("reader");
      const reach = reader ? (reader.values.length - 1) / model.regions : 0;
      const shares = model.trait("shares");
      const last = shares.reduce((found, share, step) => (share <= reach + 1e-9 ? step : found), 0);
      model.choose({
        tab: "methods",
        ...(reader && { order: reader.order }),
        watched: READER,
        cursor: Math.max(1, last),
        range: last >= 1 && last < shares.length - 1 ? [0, last] : null,
      });
    },
  );
  compare.classList.add("limpid-primary");

  const show = () => {
    const [picks, reader, frame] = [model.trait("picks"), model.trait("reader"), model.trait("frame")];
    const asked = picks.length;
    const known = reader ? reader.values.length - 1 : 0;
    const flipped = new Uint8Array(model.regions);
    for (const region of picks) flipped[region] = 1;
    const wanted = model.wanted;
    const isThere =
      asked === 0 ||
      (known === asked && sameFrame(wanted, model.trait("frameOf")) && wanted?.picks.join() === picks.join());
    const photo = model.trait("image");
    picture.show({
      pixels: asked > 0 && isThere ? frame : photo,
      ...{ rows: model.trait("rows"), columns: model.trait("columns"), flipped, covered: !isThere, numbered: picks },
    });
    // What he was asked for when he began.
    const order = asked > 0 && reader !== null ? reader.order : model.trait("order");
    const first = order === "morf" ? "most" : "least";
    const target = model.trait("target") || "the output";
    words.replaceChildren(
      "Where is ",
      element("em", {}, target),
      ` to be seen? Click the regions that matter ${first} to the network first, or sweep over them. ` +
        `What the methods say comes afterwards.`,
    );
    const current = reader?.values.at(-1);
    value.textContent = current === undefined ? "–" : formatNumber(current);
    const followed = reader?.followed ?? model.trait("followed");
    const begun = reader?.values[0];
    remark.textContent =
      current === undefined
        ? model.comm_live
          ? "asking the network…"
          : "the network is not asked without a kernel"
        : `${followed} of ${target}${
            known === 0
              ? ""
              : `, ${formatNumber(begun!)} before · ${known} of ${model.regions} regions, ${formatPercent(known / model.regions)} of the picture`
          }${asked > known ? " …" : ""}`;
    back.disabled = anew.disabled = asked === 0;
    compare.disabled = known === 0 || model.run === undefined;
    compare.title =
      model.run === undefined
        ? "The methods are still being measured"
        : known === 0
          ? "Flip a region first"
          : "Show the methods' curves, summed up as far as you flipped";
  };
  return {
    element: element(
      "div",
      { class: "limpid-flip-reader" },
      words,
      picture.element,
      element("div", { class: "limpid-flip-live", "aria-live": "polite" }, value, remark),
      buttonRow(back, anew, compare),
    ),
    show,
    dispose: picture.dispose,
  };
}
