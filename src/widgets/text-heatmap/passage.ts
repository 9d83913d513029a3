import { type TextUnit, textColor, unitNumber } from "../../comms/states/text-heatmap.js";
import { element } from "../parts/dom.js";

/** A text, and the parts that are colored. */
interface Written {
  text: string;
  units: readonly TextUnit[];
}

/** How parts are seen. */
interface Colors {
  values: Float32Array;
  limit: number;
  signed: boolean;
  numbers: boolean;
}

/** One reading of the text: its words over their colors. */
export interface Passage {
  element: HTMLElement;
  write(written: Written): void;
  color(colors: Colors): void;
  /** Whether parts are as long as sentences. */
  long(isLong: boolean): void;
  /** Marks the unit that is pointed at; −1 for none. */
  mark(unit: number): void;
  /** Strikes out units. */
  strike(struck: readonly boolean[]): void;
  name(words: string): void;
}

/**
 * Words of the page, to be selected and read aloud, each part behind which a color stands in a box of its own.
 *
 * @param onPoint told of the unit that is pointed at or reached by arrow keys, or −1
 * @param onStrike told of the unit that is clicked, or on which Enter or Delete is pressed
 */
export function passage(onPoint: (unit: number) => void, onStrike: (unit: number) => void): Passage {
  const pane = element("div", {
    class: "limpid-text-passage",
    tabindex: 0,
    role: "textbox",
    "aria-readonly": "true",
    "aria-multiline": "true",
  });
  let boxes: HTMLElement[] = [];
  let marked = -1;
  let caret = -1;

  const unitOf = (event: Event): number => {
    const box = (event.target as Element).closest?.("[data-unit]");
    return box === null || box === undefined ? -1 : Number(box.getAttribute("data-unit"));
  };
  pane.addEventListener("pointerover", (event) => onPoint(unitOf(event)));
  pane.addEventListener("pointerleave", () => onPoint(pane === document.activeElement ? caret : -1));
  pane.addEventListener("click", (event) => {
    // A phrase that was dragged over is to be copied.
    if (!getSelection()?.isCollapsed) return;
    const unit = unitOf(event);
    if (unit < 0) return;
    caret = unit;
    onStrike(unit);
  });
  pane.addEventListener("focus", () => {
    if (caret < 0 && pane.matches(":focus-visible")) caret = 0;
    if (caret >= 0) onPoint(caret);
  });
  pane.addEventListener("blur", () => onPoint(-1));

  /** The nearest unit of the line above or below. */
  const vertical = (by: number): number => {
    const from = boxes[caret]?.getClientRects()[0];
    if (from === undefined) return caret;
    const middle = from.left + from.width / 2;
    let line: number | undefined;
    let [best, distance] = [caret, Number.POSITIVE_INFINITY];
    for (let at = caret + by; at >= 0 && at < boxes.length; at += by) {
      const own = boxes[at]!.getClientRects()[0]!;
      if (Math.abs(own.top - from.top) < own.height / 2) continue;
      line ??= own.top;
      if (Math.abs(own.top - line) >= own.height / 2) break;
      const away = Math.abs(own.left + own.width / 2 - middle);
      if (away < distance) [best, distance] = [at, away];
    }
    return best;
  };
  pane.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = boxes.length - 1;
    const to: Record<string, () => number> = {
      ArrowLeft: () => Math.max(0, caret - 1),
      ArrowRight: () => Math.min(last, caret + 1),
      ArrowUp: () => vertical(-1),
      ArrowDown: () => vertical(1),
      Home: () => 0,
      End: () => last,
    };
    if (["Enter", "Delete", " "].includes(event.key) && caret >= 0) {
      event.preventDefault();
      onStrike(caret);
      return;
    }
    const move = to[event.key];
    if (move === undefined) return;
    event.preventDefault();
    caret = Math.min(Math.max(caret, 0), last);
    caret = move();
    boxes[caret]?.scrollIntoView({ block: "nearest" });
    onPoint(caret);
  });

  return {
    element: pane,
    write({ text, units }) {
      caret = marked = -1;
      let last = 0;
      const parts: (Node | string)[] = [];
      boxes = units.map(({ start, end }, index) => {
        parts.push(text.slice(last, start));
        const box = element("span", { class: "limpid-text-unit", "data-unit": index }, text.slice(start, end));
        parts.push(box);
        last = end;
        return box;
      });
      pane.replaceChildren(...parts, text.slice(last));
    },
    color({ values, limit, signed, numbers }) {
      boxes.forEach((box, index) => {
        const value = values[index]!;
        box.style.backgroundColor = `rgb(${textColor(limit > 0 ? value / limit : 0, signed).join(",")})`;
        // Drawn by the style sheet: it is no part of the text that is copied.
        if (numbers) box.dataset["value"] = unitNumber(value, limit, signed);
        else delete box.dataset["value"];
      });
      pane.classList.toggle("limpid-text-numbered", numbers);
    },
    mark(unit) {
      boxes[marked]?.classList.remove("limpid-text-pointed");
      boxes[unit]?.classList.add("limpid-text-pointed");
      marked = unit;
    },
    strike(struck) {
      boxes.forEach((box, index) => {
        box.classList.toggle("limpid-text-struck", struck[index]!);
      });
    },
    long: (isLong) => void pane.classList.toggle("limpid-text-long", isLong),
    name: (words) => pane.setAttribute("aria-label", words),
  };
}
