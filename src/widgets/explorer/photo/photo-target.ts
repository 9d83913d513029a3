/** A picture that somebody gave. */
export interface GivenPhoto {
  name: string;
  /** Its file; rejects with what is wrong. */
  read(): Promise<GivenFile>;
}

export type GivenFile = ArrayBuffer;

export interface PhotoListeners {
  take(photo: GivenPhoto): void;
  /** With the reason why what was given is no picture. */
  refuse(reason: string): void;
  /** Whether anything can be taken now. */
  ready(): boolean;
}

/** What JupyterLab's file browser drags: one file with its content, or the paths of several. */
const RICH = "application/x-jupyter-icontentsrich";
const PATHS = "application/x-jupyter-icontents";

/** A file of Jupyter's contents service. */
interface Content {
  name: string;
  type: string;
  format: string | null;
  content: unknown;
}

/** A drag within JupyterLab (Lumino's), which is no drag to the browser. */
interface LuminoDrag extends MouseEvent {
  readonly mimeData: { hasData(mime: string): boolean; getData(mime: string): unknown };
  dropAction: string;
  readonly proposedAction: string;
}

const OVER = "limpid-photo-over";

/** Takes pictures that are dropped on the widget, from the desktop, another page or JupyterLab's file browser, or pasted into it. */
export function photoTarget(widget: HTMLElement, listeners: PhotoListeners): { dispose(): void } {
  const { take, refuse, ready } = listeners;
  const light = (on: boolean) => widget.classList.toggle(OVER, on);
  const fromFiles = ({ files }: DataTransfer, verb: string) => {
    const [first] = files;
    if (first === undefined) return refuse(`What was ${verb} holds no file: give a picture`);
    const picture = [...files].find(({ type }) => type.startsWith("image/"));
    if (picture === undefined) return refuse(`${first.name} is ${kindOf(first)}, not a picture`);
    take({ name: picture.name, read: () => picture.arrayBuffer() });
  };
  const over = (event: DragEvent) => {
    if (!ready() || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = "copy";
    light(true);
  };
  const leave = (event: DragEvent) => {
    if (!widget.contains(event.relatedTarget as Node | null)) light(false);
  };
  const drop = (event: DragEvent) => {
    light(false);
    if (!ready() || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    fromFiles(event.dataTransfer, "dropped");
  };
  const paste = (event: ClipboardEvent) => {
    // Words are pasted into the field that has the focus.
    if (!ready() || !event.clipboardData?.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    fromFiles(event.clipboardData, "pasted");
  };
  const isContents = ({ mimeData }: LuminoDrag) => mimeData.hasData(RICH) || mimeData.hasData(PATHS);
  const overFromLab = (event: Event) => {
    const drag = event as LuminoDrag;
    if (!ready() || !isContents(drag)) return;
    drag.preventDefault();
    drag.stopPropagation();
    drag.dropAction = drag.proposedAction;
    light(true);
  };
  const leaveFromLab = () => light(false);
  const dropFromLab = (event: Event) => {
    const drag = event as LuminoDrag;
    light(false);
    if (!ready() || !isContents(drag)) return;
    drag.preventDefault();
    drag.stopPropagation();
    drag.dropAction = drag.proposedAction;
    const rich = drag.mimeData.getData(RICH) as { model: Content; withContent(): Promise<Content> } | undefined;
    const { model } = rich ?? {};
    if (rich === undefined || model === undefined) return refuse("Several files were dropped: give one picture");
    if (model.type === "directory") return refuse(`${model.name} is a folder: give a picture`);
    if (model.type === "notebook") return refuse(`${model.name} is a notebook, not a picture`);
    take({ name: model.name, read: async () => bytesOf(await rich.withContent()) });
  };
  const heard: [string, (event: never) => void][] = [
    ["dragenter", over],
    ["dragover", over],
    ["dragleave", leave],
    ["drop", drop],
    ["paste", paste],
    ["lm-dragenter", overFromLab],
    ["lm-dragover", overFromLab],
    ["lm-dragleave", leaveFromLab],
    ["lm-drop", dropFromLab],
  ];
  for (const [name, listener] of heard) widget.addEventListener(name, listener as EventListener);
  return {
    dispose() {
      for (const [name, listener] of heard) widget.removeEventListener(name, listener as EventListener);
    },
  };
}

const kindOf = ({ type, name }: File): string => {
  const extension = /\.(\w+)$/.exec(name)?.[1];
  return type !== "" ? `a file of type ${type}` : extension ? `a .${extension} file` : "a file of unknown type";
};

/** Pictures come as base64, drawings (SVG) as text. */
function bytesOf({ name, format, content }: Content): ArrayBuffer {
  if (typeof content !== "string") throw new Error(`${name} holds no picture`);
  if (format !== "base64") return new TextEncoder().encode(content).buffer;
  return Uint8Array.from(atob(content.replace(/\s/g, "")), (character) => character.charCodeAt(0)).buffer;
}
