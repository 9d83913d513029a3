import { formatShort } from "../../../comms/format.js";
import type { ClassPrototypeState, PrototypeSettings } from "../../../comms/states/class-prototype.js";

/** What is sought. */
type Sought = Pick<ClassPrototypeState, "kind" | "target" | "classNames" | "layer" | "channel" | "maximize">;

/** How it is drawn. */
type Drawing = PrototypeSettings & Pick<ClassPrototypeState, "drawnIn" | "density">;

/** What it is a prototype of: `tiger cat`, `channel 3 of conv_7`. */
export function nameOf({ kind, target, classNames, layer, channel }: Sought): string {
  if (kind === "channel") return `channel ${channel} of ${layer}`;
  return classNames[target] ?? `output ${target}`;
}

/** The same as the question that a heading asks. */
export function questionOf(sought: Sought): string {
  const name = nameOf(sought);
  // A class has many members; a channel or an output is one.
  const article = sought.kind === "channel" || sought.classNames[sought.target] === undefined ? "" : articleOf(name);
  return `How does ${article}*${name}* look to the network?`;
}

/** By how a name sounds: an hourglass and an 8, but a unicycle and a ewe. */
const articleOf = (name: string): string =>
  /^(8|1[18]\b|[ai]|hour|heir|e(?!u|we)|o(?!ne\b)|u(?!ni|se|kul))/i.test(name) ? "an " : "a ";

/** What is maximized. */
export function activationNameOf(sought: Sought): string {
  const name = nameOf(sought);
  if (sought.kind === "channel") return `mean activation of ${name}`;
  return sought.maximize === "logit" ? `logit of ${name}` : `log p(${name} | x)`;
}

/** How the picture is made, in a few words: "Fourier, smooth 0.001, jitter 16 px". */
export function captionOf(drawing: Drawing): string {
  const { drawnIn, l2, totalVariation, jitter, rotation, scale, blur, code, density, strength } = drawing;
  const short = (value: number) => formatShort(value, 2);
  const parts = [
    { pixels: "pixels", fourier: "Fourier", generator: "decoder" }[drawnIn],
    l2 > 0 && `L2 ${short(l2)}`,
    totalVariation > 0 && `smooth ${short(totalVariation)}`,
    jitter > 0 && `jitter ${short(jitter)} px`,
    rotation > 0 && `turn ±${short(rotation)}°`,
    scale > 0 && `zoom ±${short(100 * scale)} %`,
    blur > 0 && `blur ${short(blur)} px`,
    drawnIn === "generator" && code > 0 && `code ${short(code)}`,
    density !== "" && strength > 0 && `${density} ${short(strength)}`,
  ];
  return parts.filter((part) => typeof part === "string").join(", ");
}
