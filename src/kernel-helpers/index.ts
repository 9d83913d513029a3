/** What a cell imports from "limpid". */

export * as traits from "../comms/states/traits.js";
export * from "../explainers/index.js";
export { HBox, VBox } from "./controls/boxes.js";
export { Button, Checkbox } from "./controls/buttons.js";
export { jsdlink, jslink, link } from "./controls/link.js";
export { FloatProgress, IntProgress } from "./controls/progress-bars.js";
export { Dropdown, ToggleButtons } from "./controls/selection.js";
export { FloatLogSlider, FloatSlider, IntSlider } from "./controls/sliders.js";
export { HTML, Label, Text } from "./controls/texts.js";
export { type Digits, loadDigits } from "./data/digits.js";
export * from "./models/errors.js";
export * from "./models/index.js";
export { clearOutput, type DisplayHandle, display } from "./notebook/display.js";
export { InteractError, interact } from "./notebook/interact.js";
export { Output } from "./notebook/output.js";
export { type Progress, progress, StoppedError } from "./notebook/progress.js";
export { heatmapPng } from "./pictures/heatmap-png.js";
export { bundledPhotos, ImageError, type ImageInput, type LoadedImage, loadImage } from "./pictures/load-image.js";
export { type PictureSheet, pictureSheet } from "./pictures/picture-sheet.js";
export {
  type Photo,
  type Relevance,
  type RelevanceMap,
  RelevanceShapeError,
  relevanceMap,
} from "./pictures/relevance-map.js";
export { BackendError, type BackendInfo, backendInfo, startBackend, tensorflow } from "./tensorflow/backend.js";
export { domWidgetClass, Layout } from "./widgets/base/layout.js";
export type { Disposer, ListenOptions } from "./widgets/base/listeners.js";
export { TraitError } from "./widgets/base/trait-error.js";
export { type Change, Widget, WidgetClosedError, type WidgetEvent } from "./widgets/base/widget.js";
export { widgetClass } from "./widgets/base/widget-class.js";
export { ClassPrototype, type ClassPrototypeOptions } from "./widgets/class-prototype/class-prototype.js";
export { DrawDigit, type DrawDigitOptions } from "./widgets/draw-digit/draw-digit.js";
export { Explorer, type ExplorerOptions } from "./widgets/explorer/explorer.js";
export { Heatmap } from "./widgets/heatmap/heatmap.js";
export type { TrainedLine } from "./widgets/shattered-gradients/line-scan.js";
export {
  ShatteredGradients,
  type ShatteredGradientsOptions,
} from "./widgets/shattered-gradients/shattered-gradients.js";
