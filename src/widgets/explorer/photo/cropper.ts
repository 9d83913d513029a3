import type { ExplorerReply, ExplorerState, PhotoRegion } from "../../../comms/states/explorer.js";
import { button, buttonRow } from "../../parts/buttons.js";
import { segments } from "../../parts/choices.js";
import { element } from "../../parts/dom.js";
import type { ExplorerModel } from "../model.js";
import { largest, moved, proportionOf, scaled } from "./crop-box.js";

export interface Cropper {
  element: HTMLElement;
  open(): void;
  close(): void;
  dispose(): void;
}

type Fit = ExplorerState["fit"];

const CORNERS = [
  ["nw", 0, 0],
  ["ne", 1, 0],
  ["sw", 0, 1],
  ["se", 1, 1],
] as const;

const FITS = [
  { value: "crop", label: "Crop", hint: "A part of the photo, in the proportion that the network takes" },
  { value: "letterbox", label: "Letterbox", hint: "All of the photo, between margins" },
];

/** The whole photo with a box over what is seen of it, in the proportion that the network takes; or all of it between margins. */
export function cropper(model: ExplorerModel): Cropper {
  const image = element("img", { class: "limpid-crop-photo", alt: "The whole photo", draggable: "false" });
  const box = element("div", {
    class: "limpid-crop-box",
    tabindex: 0,
    role: "application",
    "aria-label": "Crop: arrow keys move it, + and − size it, Enter takes it, Escape leaves it",
  });
  box.append(...CORNERS.map(([name]) => element("span", { class: `limpid-crop-corner limpid-crop-${name}` })));
  const frame = element("div", { class: "limpid-crop-frame" }, image, box);
  const note = element("p", { class: "limpid-search-note", role: "status" });
  const fits = segments("Fit", "How the photo comes to the proportion that the network takes", FITS, (value) =>
    frameAs(value as Fit),
  );
  const take = button("See this", "Explain the photo like this", () => apply());
  take.classList.add("limpid-primary");
  const center = button("Largest", "The largest part in the middle", () => show(largest(proportion)));
  const leave = button("Cancel", "Leave the photo as it is", () => close());
  const panel = element(
    "section",
    { class: "limpid-cropper", "aria-label": "Crop the photo", hidden: true },
    fits.element,
    frame,
    note,
    buttonRow(take, center, leave),
  );

  let region: PhotoRegion = largest(1);
  let fit: Fit = "crop";
  let proportion = 1;
  /** Width by height of the whole photo, and of what the network takes. */
  let aspects = { whole: 1, seen: 1 };
  let address = "";
  let opener: Element | null = null;

  const show = (next: PhotoRegion) => {
    region = next;
    const percent = (share: number) => `${100 * share}%`;
    Object.assign(box.style, {
      left: percent(region.left),
      top: percent(region.top),
      width: percent(region.width),
      height: percent(region.height),
    });
    note.textContent = `${Math.round(100 * region.width)} % of the width, ${Math.round(100 * region.height)} % of the height`;
  };
  const frameAs = (next: Fit) => {
    fit = next;
    fits.set(fit);
    const isWhole = fit === "letterbox";
    frame.classList.toggle("limpid-letterbox", isWhole);
    frame.style.aspectRatio = String(isWhole ? aspects.seen : aspects.whole);
    box.hidden = isWhole;
    center.disabled = isWhole;
    if (!isWhole) return show(region);
    const margin = Math.round(50 * (1 - Math.min(proportion, 1 / proportion)));
    const where = proportion < 1 ? "above and below" : "left and right";
    note.textContent = `All of the photo${margin === 0 ? "" : `, with margins of ${margin} % ${where}`}`;
  };
  const forget = () => {
    if (address !== "") URL.revokeObjectURL(address);
    address = "";
  };
  const close = () => {
    if (panel.hidden) return;
    panel.hidden = true;
    forget();
    if (opener instanceof HTMLElement) opener.focus();
  };
  const apply = () => {
    const all = { left: 0, top: 0, width: 1, height: 1 };
    model.tell("crop", { ...(fit === "letterbox" ? all : region), fit });
    close();
  };
  const received = (
    { type, ...whole }: Extract<ExplorerReply, { event: "source" }>,
    bytes: Uint8Array<ArrayBuffer>,
  ) => {
    // Another view has asked.
    if (panel.hidden || address !== "") return;
    address = URL.createObjectURL(new Blob([bytes], { type }));
    image.src = address;
    const seen = model.trait("image")?.shape ?? [1, 1];
    aspects = { whole: whole.width / whole.height, seen: seen[1]! / seen[0]! };
    proportion = proportionOf({ width: seen[1]!, height: seen[0]! }, whole);
    // Of a crop that was rounded to pixels the proportion is slightly another one.
    const now = model.trait("region");
    const isCrop = model.trait("fit") === "crop" && now !== null;
    region = isCrop ? scaled({ ...now, height: now.width / proportion }, 1) : largest(proportion);
    frameAs(model.trait("fit"));
    (box.hidden ? take : box).focus();
  };

  let drag: { x: number; y: number; from: PhotoRegion; corner: (typeof CORNERS)[number] | undefined } | null = null;
  box.addEventListener("pointerdown", (event) => {
    const corner = CORNERS.find(([name]) => (event.target as Element).classList.contains(`limpid-crop-${name}`));
    drag = { x: event.clientX, y: event.clientY, from: region, corner };
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener("pointermove", (event) => {
    if (drag === null) return;
    const { width, height } = frame.getBoundingClientRect();
    const [x, y] = [(event.clientX - drag.x) / width, (event.clientY - drag.y) / height];
    const { from, corner } = drag;
    if (corner === undefined) return show(moved(from, x, y));
    const [, right, bottom] = corner;
    const wider = ((right ? x : -x) / from.width + (bottom ? y : -y) / from.height) / 2;
    // The opposite corner stays.
    show(scaled(from, 1 + wider, { x: 1 - right, y: 1 - bottom }));
  });
  const release = () => {
    drag = null;
  };
  box.addEventListener("pointerup", release);
  box.addEventListener("pointercancel", release);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      close();
      return;
    }
    if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 0.1 : 0.01;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => show(moved(region, -step, 0)),
      ArrowRight: () => show(moved(region, step, 0)),
      ArrowUp: () => show(moved(region, 0, -step)),
      ArrowDown: () => show(moved(region, 0, step)),
      "+": () => show(scaled(region, 1.1)),
      "=": () => show(scaled(region, 1.1)),
      "-": () => show(scaled(region, 1 / 1.1)),
      Enter: apply,
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
  const unhear = model.hear((reply, bytes) => {
    if (reply.event === "source") received(reply, bytes);
  });
  return {
    element: panel,
    open() {
      if (!panel.hidden) return close();
      opener = document.activeElement;
      panel.hidden = false;
      note.textContent = "Loading…";
      model.tell("source", {});
    },
    close,
    dispose() {
      unhear();
      forget();
    },
  };
}
