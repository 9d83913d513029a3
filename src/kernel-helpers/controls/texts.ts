import type {
  FontState,
  LabelStyleState,
  StaticTextState,
  TextState,
  TextStyleState,
} from "../../comms/states/controls.js";
import { flag, list, nullable, type Traits, text, wholeBetween } from "../../comms/states/traits.js";
import { control, described, describedTraits, descriptionStyleTraits, style, styleTrait } from "./control.js";
import { controlPicture } from "./control-picture.js";
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

class HTMLMathStyle extends style<TextStyleState>("HTMLMathStyle", textStyleTraits) {}

/** HTML in which LaTeX between dollar signs is set as formulas; what comes from others must be escaped first. */
export class HTMLMath extends described(
  "HTMLMath",
  { value: text(), placeholder: text("\u200b") },
  { style: HTMLMathStyle },
) {}

const entered = {
  value: text(),
  placeholder: text("\u200b"),
  disabled: flag(false),
  /** Whether the value follows each key, or changes at Enter and when the field is left. */
  continuous_update: flag(true),
};

/** A field for several lines of text. */
export class Textarea extends described(
  "Textarea",
  {
    ...entered,
    /** Lines that are seen; null leaves that to the browser. */
    rows: nullable(wholeBetween(1, 10_000, 5)),
  },
  { style: TextStyle },
) {}

/** A field whose text is not shown, nor kept in the notebook's file. */
export class Password extends described("Password", entered, { style: TextStyle }) {
  override staticPicture() {
    return controlPicture("Password", { description: this.description, value: "" });
  }

  override toString(): string {
    return "Password()";
  }
}

/** A field for a line of text that offers options while it is typed; with `ensure_option` nothing else is taken. */
export class Combobox extends described(
  "Combobox",
  { ...entered, options: list(text()), ensure_option: flag(false) },
  {
    style: TextStyle,
    constrain(next, _names, fail) {
      const { value, options, ensure_option: ensured } = next;
      if (ensured && value !== "" && !options.includes(value)) {
        fail("value", `one of the options (${options.join(", ")})`, options);
      }
    },
  },
) {}
