import type {
  FontState,
  LabelStyleState,
  StaticTextState,
  TextState,
  TextStyleState,
} from "../../comms/states/controls.js";
import { flag, nullable, type Traits, text } from "../../comms/states/traits.js";
import { control, describedTraits, descriptionStyleTraits, style, styleTrait } from "./control.js";
import { fontTraits } from "./fonts.js";

const textStyleTraits: Traits<TextStyleState> = {
  ...descriptionStyleTraits,
  background: nullable(text()),
  font_size: nullable(text()),
  text_color: nullable(text()),
};

class LabelStyle extends style<LabelStyleState>("LabelStyle", {
  ...descriptionStyleTraits,
  ...(fontTraits satisfies Traits<FontState>),
  background: nullable(text()),
}) {}

class HTMLStyle extends style<TextStyleState>("HTMLStyle", textStyleTraits) {}

class TextStyle extends style<TextStyleState>("TextStyle", textStyleTraits) {}

// A zero-width space gives an empty line its height.
const lineTraits = { ...describedTraits, value: text(), placeholder: text("\u200b") };

/** A line of plain text; LaTeX between dollar signs is set as a formula. */
export class Label extends control<StaticTextState<LabelStyleState>>("Label", {
  traits: { ...lineTraits, style: styleTrait(LabelStyle) },
}) {}

/** HTML, as it is: what comes from others must be escaped first. */
export class HTML extends control<StaticTextState<TextStyleState>>("HTML", {
  traits: { ...lineTraits, style: styleTrait(HTMLStyle) },
}) {}

/** A field for a line of text. */
export class Text extends control<TextState>("Text", {
  traits: {
    ...lineTraits,
    style: styleTrait(TextStyle),
    disabled: flag(false),
    continuous_update: flag(true),
  },
}) {}
