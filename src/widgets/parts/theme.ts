/**
 * Calls `run` whenever the page has another theme: a canvas keeps the colors that it was painted with. Returns what ends it.
 *
 * @param atOnce paints at once: paper has its own theme, and does not wait for a frame
 */
export function followTheme(run: () => void, atOnce: () => void = run): () => void {
  const themed = new MutationObserver(run);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
  addEventListener("beforeprint", atOnce);
  return () => {
    themed.disconnect();
    removeEventListener("beforeprint", atOnce);
  };
}
