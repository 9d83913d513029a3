import type { ExplorerReply, PhotoRegion } from "../../../comms/states/explorer.js";
import { button, buttonRow } from "../../parts/buttons.js";
import { element } from "../../parts/dom.js";
import type { ExplorerModel } from "../model.js";
import { largest, moved, proportionOf, scaled } from "./crop-box.js";

export interface Cropper {
  element: HTMLElement;
  open(): void;
  close(): void;
  dispose(): void;
}

const CORNERS = [
  ["nw", 0, 0],
  ["ne", 1, 0],
  ["sw", 0, 1],
  ["se", 1, 1],
] as const;

/** The whole photo with a box over what is seen of it, in the proportion that the network takes. */
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
  const take = button("See this", "Explain this part of the photo", () => apply());
  take.classList.add("limpid-primary");
  const center = button("Largest", "The largest part in the middle", () => show(largest(proportion)));
  const leave = button("Cancel", "Leave the photo as it is", () => close());
  const panel = element(
    "section",
    { class: "limpid-cropper", "aria-label": "Crop the photo", hidden: true },
    frame,
    note,
    buttonRow(take, center, leave),
  );

  let region: PhotoRegion = largest(1);
  let proportion = 1;
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
    model.tell("crop", region);
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
    frame.style.aspectRatio = `${whole.width} / ${whole.height}`;
    const seen = model.trait("image")?.shape ?? [1, 1];
    proportion = proportionOf({ width: seen[1]!, height: seen[0]! }, whole);
    // Of a crop that was rounded to pixels the proportion is slightly another one.
    const now = model.trait("region") ?? largest(proportion);
    show(scaled({ ...now, height: now.width / proportion }, 1));
    box.focus();
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
