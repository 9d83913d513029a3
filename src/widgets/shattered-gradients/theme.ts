/** What charts take from the theme of the page: colors, and the letters. */
export interface ChartColors {
  /** The font by its names: what inherits one is measured elsewhere in the page, in another. */
  family: string;
  ink: string;
  paper: string;
  soft: string;
  line: string;
  accent: string;
  /** By curve. */
  output: string;
  gradient: string;
  sensitivity: string;
  relevance: string;
  brown: string;
  white: string;
}

/** Reads the style sheet's variables where `element` is; plotly does not know `var(…)`. */
export function chartColors(element: HTMLElement): ChartColors {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(`--limpid-${name}`).trim();
  return {
    family: style.fontFamily,
    ink: of("ink"),
    paper: of("paper"),
    soft: of("ink-soft"),
    line: of("line"),
    accent: of("accent"),
    output: of("ink"),
    gradient: of("for"),
    sensitivity: of("for"),
    relevance: of("against"),
    brown: of("brown-noise"),
    white: of("white-noise"),
  };
}

/** Calls `run` when the page changes between its themes; returns what undoes it. */
export function onThemeChange(run: () => void): () => void {
  const observer = new MutationObserver(run);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
  return () => observer.disconnect();
}
