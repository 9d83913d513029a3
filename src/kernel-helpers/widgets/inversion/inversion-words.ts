import { formatFixed, formatPercent, formatShort } from "../../../comms/format.js";
import type { InversionState } from "../../../comms/states/inversion.js";

/** What an inversion found, as the words beside it need it. */
export interface FoundWords {
  readonly layer: string;
  readonly way: InversionState["way"];
  /** Steps made, and the number they go up to; null where there are none. */
  readonly step: number | null;
  readonly steps: number;
  readonly starts: number;
  /** Of the start that is shown. */
  readonly pixelError: number;
  readonly representationError: number;
}

/** What the pictures are of: `conv2, optimization, step 40 of 200`. */
export function inversionCaption({ layer, way, step, steps }: FoundWords): string {
  if (way === "network") return `${layer}, trained network`;
  return `${layer}, optimization, ${step === steps ? `${steps} steps` : `step ${step} of ${steps}`}`;
}

/** An error of the representation: in percent, small ones with two digits. */
export const representationPercent = (error: number): string =>
  error >= 0.01 ? formatPercent(error) : `${formatShort(100 * error, 2)} %`;

/** What the pictures show, in a sentence. */
export function inversionWords({ layer, way, pixelError, representationError, starts }: FoundWords): string {
  const off = `${formatFixed(pixelError, pixelError < 10 ? 1 : 0)} of 255 gray levels`;
  const met = representationPercent(representationError);
  const said = `${layer} makes values of it that differ from the original’s by ${met}; its pixels differ by ${off}.`;
  if (way === "network") {
    return `${said} The network draws the mean of all pictures that ${layer} cannot tell apart, so what is lost looks blurred.`;
  }
  return starts > 1 ? `${said} Where the ${starts} starts differ, ${layer} sees little.` : said;
}
