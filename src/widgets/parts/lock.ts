/** Names on a control the traits that it writes; without any it only looks. */
const WRITES = "data-writes";
/** Marks what arrow keys only walk through, whatever a click in it does. */
const READS = "data-reads";

/** Why a control is locked where nobody knows it more closely. */
export const NEEDS_KERNEL = "This needs the kernel: run this cell to make it live";

/** What can be operated by the pointer or the keyboard. */
const OPERATED = "button, input, select, textarea, [tabindex]:not([tabindex='-1'])";
/** What folds, leads elsewhere or turns to another page asks no kernel. */
const FREE = "summary, a[href], .lm-TabBar, .jupyter-widget-Collapse-header";
const READING = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]);
const EVENTS = [
  ...["pointerdown", "mousedown", "touchstart", "click", "dblclick", "keydown"],
  ...["beforeinput", "input", "change", "paste", "drop", "dragover"],
];
/** What is laid over a locked element; its own values come back when it is unlocked. */
const LAID = ["data-locked", "disabled", "aria-disabled", "aria-description", "title"] as const;

type Own = Map<string, string | null>;

/** Says of a control which traits it writes. What says nothing is locked wherever there is no kernel. */
export function writes<Control extends Element>(control: Control, ...traits: readonly string[]): Control {
  control.setAttribute(WRITES, traits.join(" "));
  return control;
}

/** Says of a part that arrow keys only walk through it: they do so without a kernel, too. */
export function reads<Part extends Element>(part: Part): Part {
  part.toggleAttribute(READS, true);
  return part;
}

export interface Lock {
  /** Locks and unlocks anew: there may be a kernel now, or none any more. */
  refresh(): void;
  dispose(): void;
}

/**
 * Keeps every control within `root` from moving while nothing answers it, and says why: by its tooltip, and to screen readers.
 * Locked is what does not say otherwise (`writes`), so that a control that was forgotten cannot stand beside a picture that it is
 * not of. Pointing, reading and scrolling go on.
 *
 * @param why is a control locked that writes these traits, null of one that says nothing; answers null where it is not
 */
export function lock(root: HTMLElement, why: (traits: readonly string[] | null) => string | null): Lock {
  const held = new Map<Element, Own>();
  let watching = false;

  /** Widgets within widgets have locks of their own. */
  const isOwn = (part: Element) => {
    const inner = part.closest(".limpid-widget");
    return root.contains(part) && (inner === null || inner === root || inner.contains(root));
  };
  const reasonOf = (part: Element): string | null => {
    const free = part.closest(FREE);
    if (free !== null && root.contains(free)) return null;
    const marked = part.closest(`[${WRITES}]`);
    if (marked === null || !root.contains(marked)) return why(null);
    return why((marked.getAttribute(WRITES) ?? "").split(" ").filter((name) => name !== ""));
  };

  const set = (part: Element, name: string, value: string | null) => {
    if (part.getAttribute(name) === value) return;
    if (value === null) part.removeAttribute(name);
    else part.setAttribute(name, value);
  };
  /** What others have changed of locked elements is what these get back. */
  const take = (records: readonly MutationRecord[]) => {
    for (const { target, attributeName } of records) {
      if (attributeName !== null)
        held.get(target as Element)?.set(attributeName, (target as Element).getAttribute(attributeName));
    }
  };
  const lay = (part: Element, reason: string) => {
    const own: Own = held.get(part) ?? new Map(LAID.map((name) => [name, part.getAttribute(name)]));
    held.set(part, own);
    // A button only does what it is pressed for, which is kept from it here; it stays where the Tab key reads its reason.
    if (part.matches("input, select, textarea")) set(part, "disabled", "");
    else set(part, "aria-disabled", "true");
    set(part, "data-locked", "");
    set(part, "aria-description", reason);
    const title = own.get("title");
    set(part, "title", title ? `${title}\n${reason}` : reason);
  };
  const hold = (records: readonly MutationRecord[] = []) => {
    take(records);
    take(observer.takeRecords());
    const locked = new Set<Element>();
    if (watching) {
      for (const part of root.querySelectorAll(OPERATED)) {
        const reason = isOwn(part) && !part.hasAttribute(READS) ? reasonOf(part) : null;
        if (reason === null) continue;
        locked.add(part);
        lay(part, reason);
      }
    }
    for (const [part, own] of held) {
      if (locked.has(part)) continue;
      held.delete(part);
      for (const [name, value] of own) set(part, name, value);
    }
    observer.takeRecords();
  };
  const observer = new MutationObserver(hold);

  const stop = (event: Event) => {
    const { target } = event;
    if (!(target instanceof Element) || !isOwn(target) || reasonOf(target) === null) return;
    if (event instanceof KeyboardEvent && passes(event, target)) return;
    event.stopImmediatePropagation();
    if (event.type === "drop" || event.type === "beforeinput") event.preventDefault();
  };

  const refresh = () => {
    const needed = why(null) !== null;
    root.classList.toggle("limpid-locked", needed);
    if (needed !== watching) {
      watching = needed;
      for (const name of EVENTS) {
        if (needed) root.addEventListener(name, stop, { capture: true });
        else root.removeEventListener(name, stop, { capture: true });
      }
      if (needed) observer.observe(root, { childList: true, subtree: true, attributeFilter: [...LAID, WRITES] });
    }
    hold();
    if (!needed) observer.disconnect();
  };
  refresh();
  return {
    refresh,
    dispose() {
      observer.disconnect();
      for (const name of EVENTS) root.removeEventListener(name, stop, { capture: true });
    },
  };
}

/** Whether a key goes on to a locked control: it leaves it, belongs to the application, or only reads. */
function passes({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, target: Element): boolean {
  if (key === "Tab" || key === "Escape") return true;
  // Sliders of other packages look at no modifier.
  if (READING.has(key)) return target.closest(`[${READS}]`) !== null;
  return key !== "Enter" && key !== " " && (ctrlKey || metaKey || altKey);
}
