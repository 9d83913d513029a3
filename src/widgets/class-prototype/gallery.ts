import { formatFixed } from "../../comms/format.js";
import { element } from "../parts/dom.js";
import { pictureAt, pixelCanvas } from "../parts/pixels.js";
import type { ClassPrototypeModel, Kept } from "./model.js";

/** Kept pictures with how they were made, and real ones of the class. */
export function gallery(model: ClassPrototypeModel): { element: HTMLElement; dispose(): void } {
  const kept = element("ol", { class: "limpid-kept", "aria-label": "Kept pictures" });
  const real = element("div", { class: "limpid-real" });
  const box = element("div", { class: "limpid-gallery" }, kept, real);

  const tile = (snapshot: Kept, index: number) => {
    const label = `${snapshot.name}, ${snapshot.caption}, step ${snapshot.step}`;
    const canvas = pixelCanvas(label);
    canvas.draw(snapshot.picture);
    const use = element(
      "button",
      { type: "button", class: "limpid-kept-picture", title: `${label}: use these settings` },
      canvas.element,
    );
    use.addEventListener("click", () => model.send({ event: "recall", index }));
    const discard = element(
      "button",
      { type: "button", class: "limpid-discard", title: "Discard", "aria-label": `Discard ${label}` },
      "×",
    );
    discard.addEventListener("click", () => model.send({ event: "discard", index }));
    const sure = snapshot.probability === null ? "" : ` · p ${formatFixed(snapshot.probability, 2)}`;
    return element(
      "li",
      {},
      use,
      discard,
      element("span", { class: "limpid-kept-name" }, `${snapshot.name}${sure}`),
      element("span", { class: "limpid-kept-caption", title: snapshot.caption }, snapshot.caption),
    );
  };
  const showKept = () => {
    kept.replaceChildren(...model.gallery.map(tile));
    kept.hidden = model.gallery.length === 0;
  };
  const showReal = () => {
    const examples = model.trait("examples");
    real.hidden = examples === null;
    if (examples === null) return;
    const name = model.trait("subject");
    const pictures = Array.from({ length: examples.shape[0]! }, (_, index) => {
      const canvas = pixelCanvas(`A real ${name}`);
      canvas.draw(pictureAt(examples, index));
      return canvas.element;
    });
    real.replaceChildren(
      element("h4", {}, `Real pictures of ${name}`),
      element("div", { class: "limpid-real-pictures" }, ...pictures),
    );
  };
  const undo = [model.watch(["gallery"], showKept), model.watch(["examples", "subject"], showReal)];
  showKept();
  showReal();
  return {
    element: box,
    dispose() {
      for (const stop of undo) stop();
    },
  };
}
