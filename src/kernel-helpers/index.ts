/** What a cell imports from "limpid". */
export { type BackendInfo, backendInfo, startBackend, tensorflow } from "./backend/backend.js";
export { HBox, VBox } from "./controls/boxes.js";
export { Button, Checkbox } from "./controls/buttons.js";
export { FloatProgress, IntProgress } from "./controls/progress-bars.js";
export { Dropdown, ToggleButtons } from "./controls/selection.js";
export { FloatLogSlider, FloatSlider, IntSlider } from "./controls/sliders.js";
export { HTML, Label, Text } from "./controls/texts.js";
export { clearOutput, type DisplayHandle, display } from "./display.js";
export * from "./errors.js";
export { bundledPhotos, type ImageInput, type LoadedImage, loadImage } from "./images/load-image.js";
export { domWidgetClass, Layout } from "./layout.js";
export { jsdlink, jslink, link } from "./link.js";
export type { Disposer, ListenOptions } from "./listeners.js";
export * from "./models/index.js";
export { TraitError } from "./traits.js";
export { type Change, Widget, WidgetClosedError, type WidgetEvent, widgetClass } from "./widget.js";
