import type { Locator } from "playwright-core";

/** What a reader does to a widget. */
export type Act =
  /** Moves the slider of that label to a value. */
  | { readonly slider: string; readonly value: number }
  /** Puts a dot on the drawing pad, in shares of its width and height. */
  | { readonly dot: readonly [x: number, y: number] };

/** When it happened, in milliseconds since the epoch by the clock that all processes of the machine share. */
export interface Passage {
  readonly acted: number;
  /** The widget's picture is painted anew … */
  readonly painted: number;
  /** … and the page's frame with it is made. */
  readonly shown: number;
}

/**
 * Does something to a widget, and waits until its heatmap is painted anew. What it takes to see that is one call at the painting:
 * reading pixels back, frame by frame, costs more than what is measured.
 *
 * @throws Error when the picture stays for 20 s, or is painted as it was
 */
export function passage(widget: Locator, act: Act): Promise<Passage> {
  return widget.evaluate(async (root, act) => {
    const shown = root.querySelector<HTMLCanvasElement>(".limpid-section canvas")!;
    const ink = shown.getContext("2d")!;
    const sample = () => ink.getImageData(0, 0, shown.width, shown.height).data;
    const now = () => performance.timeOrigin + performance.now();
    const before = sample();
    const draw = ink.drawImage;
    const painting = new Promise<{ painted: number; shown: number }>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("the picture stayed as it was for 20 s")), 20_000);
      const after = new MessageChannel();
      let painted = 0;
      after.port1.onmessage = () => {
        resolve({ painted, shown: now() });
        after.port1.close();
        clearTimeout(late);
      };
      ink.drawImage = (...given: unknown[]) => {
        (draw as (...given: unknown[]) => void).apply(ink, given);
        if (painted > 0) return;
        painted = now();
        // Painting runs at the beginning of a frame; a message is heard when that frame is made.
        after.port2.postMessage(null);
      };
    });
    // At the beginning of a frame, as an event of the pointer is handled.
    await new Promise((frame) => requestAnimationFrame(frame));
    const acted = now();
    if ("slider" in act) {
      const label = [...root.querySelectorAll("label")].find(({ textContent }) => textContent === act.slider)!;
      const input = root.querySelector<HTMLInputElement>(`#${label.htmlFor}`)!;
      input.value = String(act.value);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      const pad = root.querySelector<HTMLCanvasElement>(".limpid-pad")!;
      const { left, top, width, height } = pad.getBoundingClientRect();
      const [x, y] = act.dot;
      const place = { clientX: left + x * width, clientY: top + y * height, button: 0, pointerId: 1, bubbles: true };
      // There is no pointer that could be captured.
      pad.setPointerCapture = () => {};
      pad.dispatchEvent(new PointerEvent("pointerdown", place));
      pad.dispatchEvent(new PointerEvent("pointerup", place));
    }
    try {
      const { painted, shown } = await painting;
      const after = sample();
      if (after.every((byte, at) => byte === before[at])) throw new Error("the picture was painted as it was");
      return { acted, painted, shown };
    } finally {
      Reflect.deleteProperty(ink, "drawImage");
    }
  }, act);
}
