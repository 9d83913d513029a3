/** What one sees of a figure as an SVG file: pictures as they are painted, curves as curves, words as words, controls as what they say. */

export interface Figure {
  readonly svg: string;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** What only operates a widget, and parts that lie over its pictures. */
const LEFT_OUT = [
  ".limpid-row:has(.limpid-search), .limpid-button, .limpid-looks, .limpid-photo-bar, .limpid-tools, .limpid-hold, .limpid-outcome, .limpid-progress, .limpid-crop, .limpid-tip",
  "input[type='range'], input[type='radio'], input[type='checkbox'], input[type='file'], .noUi-target, summary, .modebar",
].join(", ");

/** What a drawing's elements look like is said by style sheets that its file does not have. */
const DRAWN = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-opacity",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "opacity",
  "visibility",
];
const LETTERS = ["font-family", "font-size", "font-weight", "font-style", "text-anchor"];

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const tag = (name: string, attributes: Record<string, string | number>, content = ""): string => {
  const written = Object.entries(attributes).map(([key, value]) => {
    const said = typeof value === "number" ? String(Math.round(100 * value) / 100) : escaped(value);
    return ` ${key}="${said}"`;
  });
  return `<${name}${written.join("")}${content === "" ? "/>" : `>${content}</${name}>`}`;
};

const isSeen = (color: string): boolean => color !== "transparent" && !/, 0\)$|\/ 0\)$/.test(color);

/** Draws an element of the page as it stands there. */
export function figureOf(root: HTMLElement, title: string): Figure {
  const { left, top, width, height } = root.getBoundingClientRect();
  const measure = document.createElement("canvas").getContext("2d")!;
  const definitions: string[] = [];
  const place = (box: DOMRect) => ({ x: box.left - left, y: box.top - top, width: box.width, height: box.height });

  /** A run of letters on one line. */
  const letters = (words: string, box: DOMRect, style: CSSStyleDeclaration): string => {
    measure.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = measure.measureText(words);
    return tag(
      "text",
      {
        x: box.left - left,
        y: box.top - top + (box.height - above - below) / 2 + above,
        fill: style.color,
        "font-family": style.fontFamily,
        "font-size": Number.parseFloat(style.fontSize),
        ...(style.fontWeight !== "400" && { "font-weight": style.fontWeight }),
        ...(style.fontStyle !== "normal" && { "font-style": style.fontStyle }),
        // In another font it stays as wide.
        textLength: box.width,
        lengthAdjust: "spacingAndGlyphs",
      },
      escaped(words),
    );
  };
  const text = (node: Text, style: CSSStyleDeclaration): string => {
    const lines: { words: string; from: number; to: number; top: number }[] = [];
    for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
      const box = boxOf(node, index, index + word.length);
      if (box.width === 0) continue;
      const last = lines.at(-1);
      if (last && Math.abs(last.top - box.top) < 2) last.to = index + word.length;
      else lines.push({ words: word, from: index, to: index + word.length, top: box.top });
    }
    return lines
      .map(({ from, to }) => letters(node.data.slice(from, to).replaceAll(/\s+/g, " "), boxOf(node, from, to), style))
      .join("");
  };
  const ground = (element: Element, style: CSSStyleDeclaration): string => {
    const box = place(element.getBoundingClientRect());
    const rx = Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, box.width / 2, box.height / 2);
    const edge = Number.parseFloat(style.borderTopWidth);
    const isFramed = edge > 0 && style.borderTopStyle === "solid" && isSeen(style.borderTopColor);
    const isWhole =
      isFramed && style.borderLeftWidth === style.borderTopWidth && style.borderBottomWidth === style.borderTopWidth;
    const stops = /^linear-gradient\((to right|90deg),(.*)\)$/.exec(style.backgroundImage)?.[2];
    let fill = isSeen(style.backgroundColor) ? style.backgroundColor : "none";
    if (stops !== undefined) {
      const colors = stops.match(/rgba?\([^)]*\)|color\([^)]*\)/g) ?? [];
      const id = `gradient-${definitions.length}`;
      const made = colors.map((color, at) =>
        tag("stop", { offset: at / Math.max(1, colors.length - 1), "stop-color": color }),
      );
      definitions.push(tag("linearGradient", { id }, made.join("")));
      fill = `url(#${id})`;
    }
    const parts: string[] = [];
    if (fill !== "none" || isWhole) {
      const inset = isWhole ? edge / 2 : 0;
      parts.push(
        tag("rect", {
          ...{
            x: box.x + inset,
            y: box.y + inset,
            width: Math.max(0, box.width - 2 * inset),
            height: Math.max(0, box.height - 2 * inset),
          },
          ...(rx > 0 && { rx }),
          fill,
          ...(isWhole && { stroke: style.borderTopColor, "stroke-width": edge }),
        }),
      );
    }
    if (!isWhole) {
      const sides = [
        [style.borderTopWidth, style.borderTopColor, style.borderTopStyle, box.y],
        [style.borderBottomWidth, style.borderBottomColor, style.borderBottomStyle, box.y + box.height],
      ] as const;
      for (const [thick, color, kind, y] of sides) {
        if (Number.parseFloat(thick) > 0 && kind === "solid" && isSeen(color)) {
          parts.push(
            tag("path", { d: `M${box.x} ${y}h${box.width}`, stroke: color, "stroke-width": Number.parseFloat(thick) }),
          );
        }
      }
    }
    return parts.join("");
  };
  const drawn = (element: Element): string => {
    if (element.matches(LEFT_OUT) || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      return "";
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const own = element instanceof SVGSVGElement ? "" : ground(element, style);
    let content: string;
    if (element instanceof HTMLCanvasElement || element instanceof HTMLImageElement) {
      const href = element instanceof HTMLCanvasElement ? element.toDataURL() : element.src;
      const squares: Record<string, string> =
        style.imageRendering === "pixelated" ? { "image-rendering": "pixelated" } : {};
      content =
        href.startsWith("data:image/") && box.width > 0
          ? tag("image", { ...place(box), href, preserveAspectRatio: "none", ...squares })
          : "";
    } else if (element instanceof SVGSVGElement) content = vector(element, place(box));
    else if (element instanceof HTMLSelectElement || element instanceof HTMLInputElement) {
      const said = element instanceof HTMLSelectElement ? (element.selectedOptions[0]?.text ?? "") : element.value;
      const inner = new DOMRect(box.left + 8, box.top, 0, box.height);
      measure.font = `${style.fontSize} ${style.fontFamily}`;
      inner.width = Math.min(measure.measureText(said).width, box.width - 16);
      content = said === "" ? "" : letters(said, inner, style);
    } else {
      content = [...element.childNodes]
        .map((child) => (child instanceof Text ? text(child, style) : child instanceof Element ? drawn(child) : ""))
        .join("");
    }
    const isCut =
      style.overflowX !== "visible" &&
      element.scrollHeight + element.scrollWidth > element.clientHeight + element.clientWidth + 2;
    if (isCut && content !== "") {
      const id = `cut-${definitions.length}`;
      definitions.push(tag("clipPath", { id }, tag("rect", place(box))));
      content = tag("g", { "clip-path": `url(#${id})` }, content);
    }
    const whole = own + content;
    return style.opacity === "1" || whole === "" ? whole : tag("g", { opacity: style.opacity }, whole);
  };

  const paper = tag("rect", { width, height, fill: groundOf(root) });
  const content = drawn(root);
  const head = { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` };
  const defs = definitions.length === 0 ? "" : tag("defs", {}, definitions.join(""));
  return { svg: tag("svg", head, `<title>${escaped(title)}</title>${defs}${paper}${content}`), width, height };
}

/** The ground that an element stands on. */
function groundOf(element: HTMLElement): string {
  for (let part: HTMLElement | null = element; part !== null; part = part.parentElement) {
    const { backgroundColor } = getComputedStyle(part);
    if (isSeen(backgroundColor)) return backgroundColor;
  }
  return "#ffffff";
}

function boxOf(node: Text, from: number, to: number): DOMRect {
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  return range.getBoundingClientRect();
}

/** A drawing in the page with what style sheets say of it. */
function vector(source: SVGSVGElement, box: { x: number; y: number; width: number; height: number }): string {
  const copy = source.cloneNode(true) as SVGSVGElement;
  const originals = [source, ...source.querySelectorAll<SVGElement>("*")];
  for (const [at, part] of [copy, ...copy.querySelectorAll<SVGElement>("*")].entries()) {
    const style = getComputedStyle(originals[at]!);
    const names = part.localName === "text" || part.localName === "tspan" ? [...DRAWN, ...LETTERS] : DRAWN;
    part.removeAttribute("style");
    for (const name of names) {
      const value = style.getPropertyValue(name);
      if (value !== "" && part.localName !== "stop") part.setAttribute(name, value);
    }
    if (style.transform !== "none" && !part.hasAttribute("transform")) part.setAttribute("transform", style.transform);
  }
  copy.removeAttribute("class");
  for (const [name, value] of Object.entries(box)) copy.setAttribute(name, String(value));
  return new XMLSerializer().serializeToString(copy);
}
