import type { FontState } from "../../comms/states/controls.js";
import { nullable, type Traits, text } from "../../comms/states/traits.js";

export const fontTraits: Traits<FontState> = {
  font_family: nullable(text()),
  font_size: nullable(text()),
  font_style: nullable(text()),
  font_variant: nullable(text()),
  font_weight: nullable(text()),
  text_color: nullable(text()),
  text_decoration: nullable(text()),
};
