import { formatNumber, formatPercent, formatShort } from "../../../comms/format.js";
import {
  type ClassScore,
  type ClassTarget,
  type ExplorerState,
  type LayerFlow,
  targetOf,
} from "../../../comms/states/explorer.js";
import type { Field, FieldValue } from "../../../comms/states/field.js";
import { sameData } from "../../../comms/states/traits.js";
import { barsPicture, headingPicture, settingsPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  drawing,
  framed,
  paragraph,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { BAR, BESIDE, LINE, tag } from "../../pictures/drawing/svg.js";
import { booksOf, type Mapped, mapPicture } from "../heatmap/heatmap-picture.js";

/** Names and values of what an explanation was made with. */
export type MadeWith = readonly (readonly [name: string, value: string])[];

type Shown = Mapped & Pick<ExplorerState, "classes" | "layers" | "remark">;

const SIDE = 400;

/** The method and the parameters that it reads, in words. */
export function madeWith({
  method,
  methods,
  form,
  parameters,
}: Pick<ExplorerState, "method" | "methods" | "form" | "parameters">): MadeWith {
  const name = methods.find(({ value }) => value === method)?.label ?? method;
  const fields = form.filter(({ minor, name: field }) => !minor || parameters[field] !== undefined);
  return [["Method", name], ...fields.map((field) => [field.label, inWords(field, parameters[field.name])] as const)];
}

function inWords({ control, factor, unit, default: initial }: Field, stated: FieldValue | undefined): string {
  const value = stated === undefined ? initial : stated;
  if (control.kind === "choice") {
    return control.choices.find((choice) => choice.value === String(value ?? ""))?.label ?? String(value);
  }
  if (value === null) return "automatic";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  const numbers = (Array.isArray(value) ? value : [value]).map((number) => formatShort(number / factor));
  return `${numbers.join(", ")}${unit === "" ? "" : `\u202f${unit}`}`;
}

/** An explorer as its file has it. `explained` is the class that the picture is of. */
export function explorerPicture(shown: Shown, explained: ClassTarget | null, made: MadeWith): StaticPicture | null {
  const map = mapPicture(shown);
  if (map === null) return null;
  const remark = [booksOf(shown), shown.remark].filter((part) => part !== "").join(" · ");
  const body = row(
    [
      map,
      column(
        [
          titled("What the network sees", classesPicture(shown.classes, explained)),
          made.length > 0 && titled("How it is explained", settingsPicture(SIDE, made)),
          shown.layers.length > 0 &&
            titled("Where the relevance goes, output → input", layersPicture(shown.layers, shown.output ?? 0)),
        ],
        18,
      ),
    ],
    24,
  );
  return framed(column([headingPicture(body.width, shown.title, shown.subtitle, remark), body], 14));
}

const shortName = ({ name }: ClassScore) => name.split(",")[0]!;

const classesPicture = (classes: readonly ClassScore[], explained: ClassTarget | null): StaticPicture =>
  barsPicture(
    SIDE,
    classes.map((score) => ({
      name: shortName(score),
      share: score.probability,
      value: scoreInWords(score),
      chosen: sameData(targetOf(score), explained),
    })),
  );

/** A probability, or where the output is none, the output. */
export const scoreInWords = ({ probability, logit }: ClassScore): string =>
  probability === null ? formatNumber(logit) : formatPercent(probability);

/** The sum of the relevance at every layer from the line of zero, behind it what passes beside the layer, and what became of it all. */
function layersPicture(layers: readonly LayerFlow[], output: number): StaticPicture {
  const height = 70;
  const flows = layers.map(({ absorbed }) => output - absorbed);
  const sums = layers.map(({ sum }) => sum);
  const [low, high] = [Math.min(0, output, ...sums, ...flows), Math.max(0, output, ...sums, ...flows)];
  const place = (value: number) => (height * (high - value)) / (high - low || 1);
  const step = SIDE / layers.length;
  const bars = (values: readonly number[], fill: string) =>
    values.map((value, i) => {
      const [from, to] = [place(Math.max(value, 0)), place(Math.min(value, 0))];
      return tag("rect", { x: i * step, y: from, width: Math.max(step - 1, 0.5), height: to - from, fill });
    });
  const zero = tag("rect", { x: 0, y: place(0) - 0.5, width: SIDE, height: 1, fill: LINE });
  const last = layers.at(-1)!;
  const words = `Dark: in the layer; light: on skip connections beside it. ${formatNumber(output)} enters, ${formatNumber(last.sum)} reaches the pixels, ${formatNumber(last.absorbed)} absorbed.`;
  return column(
    [drawing(SIDE, height, ...bars(flows, BESIDE), ...bars(sums, BAR), zero), paragraph(words, SIDE, { size: 12 })],
    6,
  );
}

/** What the network sees, in words: `tiger cat 41 %, Egyptian cat 34 %`. */
export const seenInWords = (classes: readonly ClassScore[]): string =>
  classes.map((score) => `${shortName(score)} ${scoreInWords(score)}`).join(", ");
