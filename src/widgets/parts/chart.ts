import type * as Plotly from "plotly.js-cartesian-dist-min";
import { loadPlotly } from "./plotly.js";
import { onSize } from "./size.js";
import { followTheme } from "./theme.js";

/** What charts take from the theme of the page: colors, and the letters. */
export interface ChartColors {
  /** The font by its names: what inherits one is measured elsewhere in the page, in another. */
  family: string;
  ink: string;
  paper: string;
  soft: string;
  line: string;
  accent: string;
  /** What comes by chance: a random order, white noise. */
  chance: string;
}

/**
 * A color of the style sheet by its name without `--limpid-`, where `element` is, in red, green and blue: plotly knows neither `var(…)`
 * nor `color-mix(…)`, and takes what it does not know for black.
 */
export function themeColors(element: HTMLElement): (name: string) => string {
  const style = getComputedStyle(element);
  return (name) => mixed(style.getPropertyValue(`--limpid-${name}`).trim());
}

const known = new Map<string, string>();
let pixel: CanvasRenderingContext2D | null | undefined;

/** A color as the browser paints it. */
const mixed = (color: string): string => (color === "" || /^(#|rgb)/.test(color) ? color : painted(color));

/** A color that lets another through as it looks on that: what is transparent in a chart is so twice for whoever asks for its contrast. */
const over = (color: string, ground: string): string =>
  /^rgba|\/|#\w{8}$/.test(color) ? painted(ground, color) : color;

function painted(...colors: readonly string[]): string {
  const key = colors.join(" ");
  const found = known.get(key);
  if (found !== undefined) return found;
  pixel ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
    willReadFrequently: true,
  });
  if (!pixel) return colors.at(-1)!;
  pixel.clearRect(0, 0, 1, 1);
  for (const color of colors) {
    pixel.fillStyle = color;
    pixel.fillRect(0, 0, 1, 1);
  }
  const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data as unknown as [number, number, number, number];
  const whole = alpha === 255 ? `rgb(${red}, ${green}, ${blue})` : `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
  known.set(key, whole);
  return whole;
}

/** The theme where `element` is. */
export function chartColors(element: HTMLElement): ChartColors {
  const of = themeColors(element);
  return {
    family: getComputedStyle(element).fontFamily,
    ink: over(of("ink"), of("paper")),
    paper: of("paper"),
    soft: over(of("ink-soft"), of("paper")),
    line: of("line"),
    accent: of("accent"),
    chance: of("chance"),
  };
}

/** Names are text: plotly would read some HTML in them. */
export const plain = (words: string): string => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** A chart without tools of its own: what it is made of, its margins, its letters. Pointers are the widget's matter unless asked otherwise. */
export const chartFrame = (
  colors: ChartColors,
  width: number,
  height: number,
  margin: Partial<Plotly.Margin>,
): Partial<Plotly.Layout> => ({
  width,
  height,
  margin,
  showlegend: false,
  paper_bgcolor: "rgba(0,0,0,0)",
  plot_bgcolor: "rgba(0,0,0,0)",
  dragmode: false,
  hovermode: false,
  font: { family: colors.family, size: 12, color: colors.soft },
});

/** An axis without a grid whose range the reader cannot drag. */
export const chartAxis = (colors: ChartColors): Partial<Plotly.LayoutAxis> => ({
  showgrid: false,
  zeroline: false,
  linecolor: colors.line,
  tickcolor: colors.line,
  tickfont: { size: 11, color: colors.soft },
  fixedrange: true,
});

/** Hovered words, as the page looks. */
export const hoverLabel = (colors: ChartColors): Partial<Plotly.HoverLabel> => ({
  bgcolor: colors.paper,
  bordercolor: colors.line,
  font: { size: 11, color: colors.ink },
});

/** What all charts have in common. */
const CONFIG: Partial<Plotly.Config> = { displayModeBar: false, responsive: false };

/** The charts of a view. */
export interface Charts {
  /** Undefined until it is loaded. */
  readonly plotly: typeof Plotly | undefined;
  /** Calls `paint` in the next animation frame. */
  schedule(): void;
  /** Draws a chart, or changes it to what is given. Without `zooms`, a double click does nothing. */
  draw(
    chart: HTMLElement,
    content: { data: Plotly.Data[]; layout: Partial<Plotly.Layout> },
    zooms?: boolean,
  ): Promise<unknown>;
  isDrawn(chart: HTMLElement): boolean;
  /** Takes a chart away, if it is there. */
  clear(chart: HTMLElement): void;
  dispose(): void;
}

/**
 * Loads plotly, and paints whenever `area` has another size or the page another theme.
 *
 * @param loaded told when plotly is there, or why it is not
 */
export function charts(area: HTMLElement, paint: () => void, loaded: (error?: Error) => void = () => {}): Charts {
  let plotly: typeof Plotly | undefined;
  let frame = 0;
  let ended = false;
  /** What is drawn, and how wide. */
  const drawn = new Map<HTMLElement, number | undefined>();
  const begin = () => {
    if (area.clientWidth === 0) resized.again();
    paint();
  };
  const schedule = () => {
    cancelAnimationFrame(frame);
    if (!ended) frame = requestAnimationFrame(begin);
  };
  const resized = onSize(area, schedule);
  const leaveTheme = followTheme(schedule, begin);
  const clear = (chart: HTMLElement) => {
    if (drawn.delete(chart)) plotly?.purge(chart);
  };
  void loadPlotly()
    .then(
      (module) => {
        // A CommonJS bundle: its functions are the default export.
        plotly = (module as { default?: typeof Plotly }).default ?? module;
        loaded();
      },
      (error: Error) => loaded(error),
    )
    .then(schedule);
  return {
    get plotly() {
      return plotly;
    },
    schedule,
    async draw(chart, { data, layout }, zooms = false) {
      if (plotly === undefined || ended) return;
      const config: Partial<Plotly.Config> = zooms ? CONFIG : { ...CONFIG, doubleClick: false };
      const before = drawn.get(chart);
      drawn.set(chart, layout.width);
      // Plotly keeps the margin that a higher legend took, and lays the lower one of a wider chart over the plot.
      if (layout.showlegend && before !== undefined && before !== layout.width) {
        await plotly.react(chart, data, { ...layout, showlegend: false }, config);
        if (ended) return;
      }
      await plotly.react(chart, data, layout, config);
    },
    isDrawn: (chart) => drawn.has(chart),
    clear,
    dispose() {
      ended = true;
      cancelAnimationFrame(frame);
      resized.end();
      leaveTheme();
      for (const chart of [...drawn.keys()]) clear(chart);
    },
  };
}
