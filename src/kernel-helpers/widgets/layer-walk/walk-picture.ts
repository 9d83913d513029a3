import { formatNumber, formatSigned } from "../../../comms/format.js";
import {
  formulaNumbers,
  formulaSymbols,
  inLine,
  type LayerWalkState,
  ruleWords,
  shareWords,
} from "../../../comms/states/layer-walk.js";
import { barsPicture, headingPicture } from "../../pictures/drawing/parts.js";
import { column, framed, paragraph, row, type StaticPicture, titled } from "../../pictures/drawing/static-picture.js";
import { AGAINST, FOR, INK } from "../../pictures/drawing/svg.js";
import { booksOf, type Mapped, mapPicture } from "../heatmap/heatmap-picture.js";
import { barsPicture as layerBars } from "../relevance-flow/flow-picture.js";

type Shown = Mapped & Pick<LayerWalkState, "layers" | "layer" | "caption" | "node" | "share" | "apart" | "path">;

const SIDE = 400;

/** The walk as its file has it: the map and the bars of the layers, the unit with its shares, the formula of the chosen share. */
export function walkPicture(shown: Shown): StaticPicture | null {
  const map = mapPicture(shown, 400);
  if (map === null && shown.layers.length === 0) return null;
  const { node, layers, caption, path } = shown;
  const chosen = node?.shares[shown.share];
  const most = Math.max(1e-30, ...(node?.shares ?? []).map(({ share }) => Math.abs(share)));
  const isOne = new Set(node?.shares.map(({ layer }) => layer)).size === 1;
  const unit =
    node &&
    titled(
      `${node.layer}, ${node.name}: relevance ${formatNumber(node.relevance)}, shared out${isOne ? ` over ${node.shares[0]!.layer}` : ""}`,
      column([
        barsPicture(
          SIDE,
          node.shares.map(({ layer, name, share }, at) => ({
            // The largest ends before its value begins.
            ...{
              name: isOne ? name : `${layer}, ${name}`,
              share: (0.9 * Math.abs(share)) / most,
              value: formatSigned(share),
            },
            ...{ chosen: at === shown.share, color: share < 0 ? AGAINST : FOR },
          })),
        ),
        paragraph(
          `${node.others.count} others ${formatSigned(node.others.share)} · kept ${formatSigned(node.kept)} · of ${node.seen} inputs`,
          SIDE,
          { size: 12 },
        ),
      ]),
    );
  const body = row(
    [
      column([caption !== "" && paragraph(caption, SIDE, { size: 12 }), map, unit], 8),
      layers.length > 0 && titled("Output → input", layerBars(shown)),
    ],
    24,
  );
  const formula =
    node === null || chosen === undefined
      ? shown.apart !== "" && paragraph(shown.apart, body.width)
      : node.terms === null
        ? paragraph(`${ruleWords(node.rule)} Share ${formatSigned(chosen.share)}.`, body.width)
        : column([
            paragraph(`Rᵢ←ₖ = ${inLine(formulaSymbols(node))}`, body.width, { color: INK }),
            paragraph(
              `= ${inLine(formulaNumbers(node, chosen))} = ${formatNumber(chosen.share, 4)}, ${shareWords(node, chosen.share)}`,
              body.width,
              { color: INK },
            ),
          ]);
  const way = path.map(({ layerName, name }) => `${layerName}, ${name}`).join(" → ");
  return framed(
    column(
      [
        headingPicture(body.width, shown.title, shown.subtitle, booksOf(shown)),
        path.length > 1 && paragraph(way, body.width, { size: 12 }),
        body,
        formula,
      ],
      14,
    ),
  );
}
