import type { BoxState } from "../../comms/states/controls.js";
import { choice, list } from "../../comms/states/traits.js";
import { column, row } from "../pictures/drawing/static-picture.js";
import { pictureOrWords } from "../pictures/drawing/words-picture.js";
import type { InitialState } from "../widgets/base/kernel-side.js";
import { domTraits } from "../widgets/base/layout.js";
import type { Widget } from "../widgets/base/widget.js";
import { anyWidgetTrait } from "../widgets/base/widget-class.js";
import { control } from "./control.js";

export const boxTraits = {
  ...domTraits,
  children: list(anyWidgetTrait),
  box_style: choice("", "success", "info", "warning", "danger"),
};

/** What is in a box: `VBox of IntSlider({ value: 3 }); Heatmap: …`. */
const inWords = (kind: string, children: readonly Widget[]): string =>
  children.length === 0 ? `${kind}()` : `${kind} of ${children.map(String).join("; ")}`;

type BoxOptions = Omit<InitialState<BoxState>, "children">;

/** Widgets as the page lays them out: `layout` decides, by `display`, `flex_flow` and the like. */
export class Box extends control<BoxState>("Box", { traits: boxTraits }) {
  constructor(children: Widget[] = [], options: BoxOptions = {}) {
    super({ ...options, children });
  }

  override staticPicture() {
    return column(this.children.map(pictureOrWords));
  }

  override pictured() {
    return this.children;
  }

  override toString(): string {
    return inWords("Box", this.children);
  }
}

/**
 * Widgets in a CSS grid, which `layout` describes.
 *
 * @example
 * display(new GridBox(maps, { layout: { grid_template_columns: "repeat(3, 200px)" } }));
 */
export class GridBox extends control<BoxState>("GridBox", { traits: boxTraits }) {
  constructor(children: Widget[] = [], options: BoxOptions = {}) {
    super({ ...options, children });
  }

  override staticPicture() {
    return column(this.children.map(pictureOrWords));
  }

  override pictured() {
    return this.children;
  }

  override toString(): string {
    return inWords("GridBox", this.children);
  }
}

/**
 * Widgets side by side.
 *
 * @example
 * display(new HBox([photo, new VBox([epsilon, gamma])]));
 */
export class HBox extends control<BoxState>("HBox", { traits: boxTraits }) {
  constructor(children: Widget[] = [], options: BoxOptions = {}) {
    super({ ...options, children });
  }

  override staticPicture() {
    return row(this.children.map(pictureOrWords));
  }

  override pictured() {
    return this.children;
  }

  override toString(): string {
    return inWords("HBox", this.children);
  }
}

/** Widgets one below the other. */
export class VBox extends control<BoxState>("VBox", { traits: boxTraits }) {
  constructor(children: Widget[] = [], options: BoxOptions = {}) {
    super({ ...options, children });
  }

  override staticPicture() {
    return column(this.children.map(pictureOrWords));
  }

  override pictured() {
    return this.children;
  }

  override toString(): string {
    return inWords("VBox", this.children);
  }
}
