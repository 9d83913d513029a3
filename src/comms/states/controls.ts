import type { DOMState, ModelReference } from "./model.js";

/** A control with a label beside it. */
export interface DescribedState<Style extends object = DescriptionStyleState> extends DOMState {
  /** The label. */
  description: string;
  /** Whether the label is HTML (sanitized in the browser). */
  description_allow_html: boolean;
  style: ModelReference<Style>;
}

export interface DescriptionStyleState {
  /** CSS width of the label; empty for the theme's. */
  description_width: string;
}

type Orientation = "horizontal" | "vertical";

/** A number between bounds. Bounds win: a value outside them is moved to the nearer one. */
export interface BoundedState {
  value: number;
  min: number;
  max: number;
}

export interface SliderStyleState extends DescriptionStyleState {
  handle_color: string | null;
}

export interface SliderState extends BoundedState, DescribedState<SliderStyleState> {
  orientation: Orientation;
  /** Whether the value stands beside the slider. */
  readout: boolean;
  /** Format of that number, in d3-format's language: `.2f`, `.3g`, `d`. */
  readout_format: string;
  /** Whether the value follows the handle, or changes only when it is let go. */
  continuous_update: boolean;
  disabled: boolean;
  behavior: "drag-tap" | "drag-snap" | "tap" | "drag" | "snap";
}

export interface IntSliderState extends SliderState {
  step: number;
}

export interface FloatSliderState extends SliderState {
  /** null: no steps. */
  step: number | null;
}

/** `min` and `max` are exponents of `base`: the value lies between `base ** min` and `base ** max`. */
export interface FloatLogSliderState extends SliderState {
  base: number;
  /** Step of the exponent; null: no steps. */
  step: number | null;
}

type StatusStyle = "" | "success" | "info" | "warning" | "danger";

export interface ProgressStyleState extends DescriptionStyleState {
  bar_color: string | null;
}

export interface ProgressState extends BoundedState, DescribedState<ProgressStyleState> {
  bar_style: StatusStyle;
  orientation: Orientation;
}

export interface CheckboxStyleState extends DescriptionStyleState {
  background: string | null;
}

export interface CheckboxState extends DescribedState<CheckboxStyleState> {
  value: boolean;
  /** Whether the box stands where other controls begin, or at the left edge. */
  indent: boolean;
  disabled: boolean;
}

export interface FontState {
  font_family: string | null;
  font_size: string | null;
  font_style: string | null;
  font_variant: string | null;
  font_weight: string | null;
  text_color: string | null;
  text_decoration: string | null;
}

export interface ButtonStyleState extends FontState {
  button_color: string | null;
}

type ButtonLook = StatusStyle | "primary";

export interface ButtonState extends DOMState {
  description: string;
  disabled: boolean;
  /** Font Awesome name without `fa-`. */
  icon: string;
  button_style: ButtonLook;
  style: ModelReference<ButtonStyleState>;
}

/** Labels on the wire; the values that they stand for stay in the kernel. */
export interface SelectionState<Style extends object = DescriptionStyleState> extends DescribedState<Style> {
  _options_labels: string[];
  /** Position of the selected option; null: none. */
  index: number | null;
  disabled: boolean;
}

export interface ToggleButtonsStyleState extends DescriptionStyleState {
  button_width: string;
  font_weight: string;
}

export interface ToggleButtonsState extends SelectionState<ToggleButtonsStyleState> {
  /** One for each option, or none at all. */
  tooltips: string[];
  icons: string[];
  button_style: ButtonLook;
}

export interface TextStyleState extends DescriptionStyleState {
  background: string | null;
  font_size: string | null;
  text_color: string | null;
}

export interface LabelStyleState extends DescriptionStyleState, FontState {
  background: string | null;
}

/** A line of text that only the kernel changes. */
export interface StaticTextState<Style extends object> extends DescribedState<Style> {
  value: string;
  placeholder: string;
}

export interface TextState extends StaticTextState<TextStyleState> {
  disabled: boolean;
  /** Whether the value follows each key, or changes at Enter and when the field is left. */
  continuous_update: boolean;
}

export interface BoxState extends DOMState {
  children: ModelReference[];
  box_style: StatusStyle;
}

/** A trait of a widget: the widget, and the trait's name. */
type TraitReference = [widget: ModelReference, trait: string];

/** A connection that the browser keeps by itself. */
export interface LinkState {
  source: TraitReference;
  target: TraitReference;
}

/** An output as notebook files write it (nbformat 4). */
export type CellOutput =
  | { output_type: "stream"; name: "stdout" | "stderr"; text: string }
  | { output_type: "display_data"; data: Record<string, unknown>; metadata: Record<string, unknown> }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] };

export interface OutputState extends DOMState {
  /** Id of the request whose outputs are shown here instead of below its cell; empty: none. */
  msg_id: string;
  outputs: CellOutput[];
}
