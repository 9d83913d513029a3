import { encodePng } from "../png.js";
import { escapeXml, FONT, type Letters, LINE, PAPER, SOFT, tag, wrap, write } from "./svg.js";

/** What a file keeps of a widget: a drawing of that size, in pixels of a page. */
export interface StaticPicture {
  readonly width: number;
  readonly height: number;
  /** SVG elements, from (0, 0). */
  readonly svg: string;
  /** Whether there is a photo or a map in it: then it is kept as pixels, else as curves and letters. */
  readonly pixels: boolean;
}

/** RGB bytes, `[height, width, 3]`. */
export interface Pixels {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export const drawing = (width: number, height: number, ...elements: string[]): StaticPicture => ({
  width,
  height,
  svg: elements.join(""),
  pixels: false,
});

/** Bytes as they are, drawn that wide; by default their pixels are squares. */
export function photo(
  bytes: Pixels,
  width: number,
  height: number = (width * bytes.height) / bytes.width,
): StaticPicture {
  const png = encodePng(bytes.pixels, bytes.width, bytes.height).toString("base64");
  const image = {
    width,
    height,
    href: `data:image/png;base64,${png}`,
    preserveAspectRatio: "none",
    "image-rendering": "optimizeSpeed",
  };
  return { width, height, svg: tag("image", image), pixels: true };
}

/** Lines of text, no wider than that. */
export function paragraph(words: string, width: number, letters: Letters = {}): StaticPicture {
  const { size = 13 } = letters;
  const lines = wrap(words, width, letters);
  const step = Math.round(1.4 * size);
  return drawing(
    width,
    lines.length * step,
    ...lines.map((line, place) => write(0, place * step + size, line, letters)),
  );
}

const moved = (x: number, y: number, { svg }: StaticPicture): string =>
  x === 0 && y === 0 ? svg : tag("g", { transform: `translate(${round(x)} ${round(y)})` }, svg);

const round = (value: number) => Math.round(100 * value) / 100;

type Parts = readonly (StaticPicture | null | undefined | false)[];

const present = (parts: Parts): StaticPicture[] =>
  parts.filter((part) => part !== null && part !== undefined && part !== false);

/** One below the other. */
export function column(parts: Parts, gap = 8): StaticPicture {
  const shown = present(parts);
  let height = 0;
  const placed = shown.map((part) => {
    const made = moved(0, height, part);
    height += part.height + gap;
    return made;
  });
  return {
    width: Math.max(0, ...shown.map(({ width }) => width)),
    height: Math.max(0, height - gap),
    svg: placed.join(""),
    pixels: shown.some(({ pixels }) => pixels),
  };
}

/** Side by side; at their tops, or in the middle. */
export function row(parts: Parts, gap = 8, align: "top" | "middle" = "top"): StaticPicture {
  const shown = present(parts);
  const height = Math.max(0, ...shown.map((part) => part.height));
  let width = 0;
  const placed = shown.map((part) => {
    const made = moved(width, align === "top" ? 0 : (height - part.height) / 2, part);
    width += part.width + gap;
    return made;
  });
  return {
    width: Math.max(0, width - gap),
    height,
    svg: placed.join(""),
    pixels: shown.some(({ pixels }) => pixels),
  };
}

/** With a title on top. */
export const titled = (title: string, part: StaticPicture): StaticPicture =>
  column([paragraph(title, Math.max(part.width, 240), { weight: 600, color: SOFT }), part], 6);

/** In a frame, as widgets stand in a page. */
export function framed(part: StaticPicture, padding = 16): StaticPicture {
  const [width, height] = [Math.ceil(part.width + 2 * padding), Math.ceil(part.height + 2 * padding)];
  const edge = { x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 6, fill: PAPER, stroke: LINE };
  return { ...part, width, height, svg: tag("rect", edge) + moved(padding, padding, part) };
}

/** The whole as a file. */
export function svgFile({ width, height, svg }: StaticPicture, words: string): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const paper = tag("rect", { width: w, height: h, fill: PAPER });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" font-family="${FONT}" role="img" aria-label="${escapeXml(words)}">${tag("title", {}, escapeXml(words))}${paper}${svg}</svg>`;
}
