import type { FileFormat } from "../../../comms/states/explorer.js";
import { button } from "../../parts/buttons.js";
import { element } from "../../parts/dom.js";
import { menu } from "../../parts/menu.js";
import type { ExplorerModel } from "../model.js";
import { cropper } from "./cropper.js";
import { keepFile } from "./keep-file.js";
import { type GivenFile, type GivenPhoto, photoTarget } from "./photo-target.js";

/** The greatest file that is sent to the kernel, in bytes. */
const LARGEST = 64 * 2 ** 20;

/** The greatest part of a file that goes in one message: Jupyter's server ends connections at 10 MiB. */
const PART = 4 * 2 ** 20;

const FORMATS: { value: FileFormat; label: string; hint: string }[] = [
  { value: "png", label: "Picture (PNG)", hint: "Title, picture and color bar, as pixels" },
  { value: "svg", label: "Figure (SVG)", hint: "Title and color bar as vectors, for a paper" },
  { value: "npy", label: "Values (.npy)", hint: "The map's values, float32 [height, width], for NumPy" },
  { value: "csv", label: "Values (CSV)", hint: "The map's values, one row of numbers for each row of the map" },
];

/** What can be done with the photo, bound to the model: another one, another part of it, and files of what is shown. */
export function photoBar(model: ExplorerModel, widget: HTMLElement): { element: HTMLElement; dispose(): void } {
  const note = element("p", { class: "limpid-refusal", role: "alert", hidden: true });
  const tell = (message: string) => {
    note.textContent = message;
    note.hidden = message === "";
  };
  const give = async ({ name, read }: GivenPhoto) => {
    let file: GivenFile;
    try {
      file = await read();
    } catch (error) {
      return tell(`${name} cannot be read: ${(error as Error).message}`);
    }
    if (file.byteLength === 0) return tell(`${name} is empty: give a picture`);
    if (file.byteLength > LARGEST) {
      return tell(
        `${name} has ${Math.round(file.byteLength / 2 ** 20)} MiB; more than ${LARGEST / 2 ** 20} are not taken`,
      );
    }
    tell("");
    const parts = Math.ceil(file.byteLength / PART);
    for (let part = 0; part < parts; part++) {
      model.tell("photo", { name, part, parts }, file.slice(part * PART, (part + 1) * PART));
    }
  };
  const input = element("input", {
    type: "file",
    accept: "image/*",
    hidden: true,
    tabindex: -1,
    "aria-label": "Photo",
  });
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) void give({ name: file.name, read: () => file.arrayBuffer() });
    // The same file may be chosen again.
    input.value = "";
  });
  const open = button("Photo…", "Explain another photo: choose a file, or drop or paste one on the widget", () =>
    input.click(),
  );
  const crops = cropper(model);
  const crop = button("Crop…", "", () => crops.open());
  const files = menu("Save as", "Keep what is shown as a file", FORMATS, (format) =>
    model.tell("file", { format: format as FileFormat }),
  );
  const target = photoTarget(widget, { take: (photo) => void give(photo), refuse: tell, ready: () => model.comm_live });
  const show = () => {
    const live = model.comm_live;
    open.disabled = !live;
    crop.disabled = !live || model.trait("region") === null;
    crop.title =
      model.trait("region") === null
        ? "There is no file to see another part of: load the photo with loadImage, or give one here"
        : "See another part of the photo";
    files.rest(!live || (model.trait("image") === null && model.trait("relevance") === null));
    if (!live) crops.close();
  };
  const undo = [
    model.watch(["region", "image", "relevance"], show),
    model.watch(["refusal"], () => tell(model.trait("refusal"))),
    model.hear((reply, bytes) => {
      if (reply.event === "file") keepFile(reply, bytes).catch((error: Error) => tell(error.message));
    }),
    () => crops.dispose(),
    () => target.dispose(),
  ];
  model.on("comm_live_update", show);
  undo.push(() => model.off("comm_live_update", show));
  show();
  tell(model.trait("refusal"));
  return {
    element: element(
      "div",
      { class: "limpid-photo-bar" },
      element("div", { class: "limpid-buttons" }, open, crop, files.element, input),
      note,
      crops.element,
    ),
    dispose() {
      for (const dispose of undo) dispose();
    },
  };
}
