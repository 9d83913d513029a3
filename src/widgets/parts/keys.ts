const SUPPRESS = "data-lm-suppress-shortcuts";
let listening = false;

/**
 * Keeps every key that is pressed in a widget there. In JupyterLab's command mode, d d would delete the widget's cell, arrows
 * leave it, and 0 0 restart the kernel. What is meant for the application comes through: combinations such as Ctrl+S or
 * Shift+Enter, but none that edits the notebook as a widget's own do its picture: moving a cell, undo and redo.
 *
 * Escape leaves: it hands the keys back to the cell, unless a part uses it itself.
 */
export function keepKeys(widget: HTMLElement): void {
  // Where nothing in it takes the focus, a press on a widget would give it to the cell.
  widget.tabIndex = -1;
  widget.addEventListener("keydown", (event) => {
    // JupyterLab's notebook takes the focus at any key that it sees.
    if (!isForApplication(event)) event.stopPropagation();
    // The browser would undo what was typed last anywhere in the page, and put the focus there.
    if (isUndo(event) && !isTyped(event.target)) event.preventDefault();
    if (event.key === "Escape" && !event.defaultPrevented) leave(widget);
  });
  if (listening) return;
  listening = true;
  // JupyterLab looks on its way from the focused element, so the mark must be there before the event reaches the document.
  const mark = (event: KeyboardEvent) => {
    const widget = event.target instanceof Element && event.target.closest(".limpid-widget");
    if (widget) widget.toggleAttribute(SUPPRESS, !isForApplication(event));
  };
  window.addEventListener("keydown", mark, { capture: true });
}

function isForApplication({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  if (key.startsWith("Arrow") || /^[zy]$/i.test(key)) return false;
  return ctrlKey || metaKey || altKey || (shiftKey && key === "Enter");
}

const isUndo = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean =>
  (ctrlKey || metaKey) && !altKey && /^[zy]$/i.test(key);

/** Whether text is typed into it, which has an undo of its own. */
const isTyped = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.matches("input:is([type='text'], [type='search'], [type='number']), textarea, [contenteditable]");

/** Gives the focus to what the widget stands in, where the application's shortcuts act. */
function leave(widget: HTMLElement): void {
  const around = widget.parentElement?.closest<HTMLElement>(".jp-Cell, [tabindex]");
  if (around) around.focus({ preventScroll: true });
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}
