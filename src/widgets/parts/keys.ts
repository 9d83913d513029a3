const SUPPRESS = "data-lm-suppress-shortcuts";
let listening = false;

/**
 * Keeps JupyterLab's shortcuts away from the keys that a focused part of a widget uses itself: there, arrows change cells,
 * and 0 0 restarts the kernel. Combinations (Ctrl+S, Shift+Enter) still reach it.
 */
export function keepKeys(): void {
  if (listening) return;
  listening = true;
  // JupyterLab looks on its way from the focused element, so the mark must be there before the event reaches the document.
  const mark = (event: KeyboardEvent) => {
    const { target, key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (!(target instanceof Element) || !target.closest(".limpid-widget")) return;
    const combination = ctrlKey || metaKey || altKey || (shiftKey && key === "Enter");
    if (combination) target.removeAttribute(SUPPRESS);
    else target.setAttribute(SUPPRESS, "true");
  };
  window.addEventListener("keydown", mark, { capture: true });
}
