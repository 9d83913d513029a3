/**
 * On the wire, a reference to another widget: `IPY_MODEL_` and its model id. In the kernel the trait holds the widget
 * itself, in the browser its model.
 */
export type ModelReference<S extends object = object> = string & { readonly [model]: S };
declare const model: unique symbol;

/** What every widget that is shown has. */
export interface DOMState {
  /** Size, margins, place in a flex box or grid. */
  layout: ModelReference<LayoutState>;
  /** Text that appears while the pointer rests on the widget; null for none. */
  tooltip: string | null;
  /** Whether the Tab key reaches it; null leaves that to the browser. */
  tabbable: boolean | null;
  /** CSS classes of the outermost element. */
  _dom_classes: string[];
}

/** Names of the CSS properties that a layout sets. */
export const layoutProperties = [
  "align_content",
  "align_items",
  "align_self",
  "border_bottom",
  "border_left",
  "border_right",
  "border_top",
  "bottom",
  "display",
  "flex",
  "flex_flow",
  "grid_area",
  "grid_auto_columns",
  "grid_auto_flow",
  "grid_auto_rows",
  "grid_column",
  "grid_gap",
  "grid_row",
  "grid_template_areas",
  "grid_template_columns",
  "grid_template_rows",
  "height",
  "justify_content",
  "justify_items",
  "left",
  "margin",
  "max_height",
  "max_width",
  "min_height",
  "min_width",
  "object_fit",
  "object_position",
  "order",
  "overflow",
  "padding",
  "right",
  "top",
  "visibility",
  "width",
] as const;

const everywhere = ["inherit", "initial", "unset"] as const;
const aligned = ["flex-start", "flex-end", "center"] as const;
const shared = ["space-between", "space-around"] as const;

/** The properties that take a few words only, and which. */
export const layoutChoices = {
  align_content: [...aligned, ...shared, "space-evenly", "stretch", ...everywhere],
  align_items: [...aligned, "baseline", "stretch", ...everywhere],
  align_self: ["auto", ...aligned, "baseline", "stretch", ...everywhere],
  grid_auto_flow: ["column", "row", "row dense", "column dense", ...everywhere],
  justify_content: [...aligned, ...shared, ...everywhere],
  justify_items: [...aligned, ...everywhere],
  object_fit: ["contain", "cover", "fill", "scale-down", "none"],
  visibility: ["visible", "hidden", ...everywhere],
} as const;

/** CSS values by property, with `_` for `-`; null leaves the property alone. */
export type LayoutState = {
  [K in (typeof layoutProperties)[number]]:
    | (K extends keyof typeof layoutChoices ? (typeof layoutChoices)[K][number] : string)
    | null;
};
