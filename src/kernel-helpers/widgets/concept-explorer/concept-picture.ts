import { formatNumber, formatSigned } from "../../../comms/format.js";
import { clipLimit } from "../../../comms/states/colors.js";
import {
  type ConceptExplorerState,
  type ConceptRanking,
  RANKING_WORDS,
  regionWords,
} from "../../../comms/states/concept-explorer.js";
import { endWords } from "../../../comms/states/heatmap.js";
import { barsPicture, colorBarPicture, headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  framed,
  paragraph,
  photo,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { AGAINST, FOR } from "../../pictures/drawing/svg.js";
import { paintHeatmap } from "../../pictures/heatmap-png.js";

const WIDTH = 760;
const MAP = 300;
const CROP = 84;

/** The widget as its file has it: the map, the channels of the region, samples of the chosen one. */
export function conceptPicture(shown: ConceptExplorerState): StaticPicture | null {
  const { title, subtitle, relevance, error, image, channels, summed, sum, rest, others, channel } = shown;
  if (relevance === null || image === null) {
    return error === "" ? null : framed(paragraph(`This could not be explored: ${error}`, WIDTH));
  }
  const seen = shown.seen === "channel" && shown.channelMap !== null ? shown.channelMap : relevance;
  const values = seen.data as Float32Array;
  const limit = clipLimit(values, 99.5);
  const [height = 1, width = 1] = image.shape;
  const painted = paintHeatmap({
    image: { pixels: image.data as Uint8Array, width, height },
    relevance: { shape: [seen.shape[0]!, seen.shape[1]!], values },
    signed: true,
    mode: "overlay",
    opacity: 0.85,
    percentile: 99.5,
    limit,
  });
  const most = Math.max(1e-12, ...channels.map((one) => Math.abs(one.relevance)));
  const bars = barsPicture(WIDTH - MAP - 30, [
    ...channels.slice(0, 10).map((one) => ({
      name: `channel ${one.channel}`,
      share: Math.abs(one.relevance) / most,
      value: formatSigned(one.relevance),
      chosen: one.channel === channel,
      color: one.relevance < 0 ? AGAINST : FOR,
    })),
    {
      name: `${others + Math.max(0, channels.length - 10)} others`,
      share: null,
      value: formatSigned(rest + channels.slice(10).reduce((total, one) => total + one.relevance, 0)),
      chosen: false,
    },
    { name: "together", share: null, value: formatSigned(sum), chosen: false },
  ]);
  return framed(
    column(
      [
        headingPicture(WIDTH, title.replaceAll("*", ""), subtitle, ""),
        row(
          [
            titled(
              seen === relevance ? "Relevance" : `Relevance through channel ${channel}`,
              column([photo(painted, MAP), colorBarPicture(MAP, limit, true, endWords(true))], 8),
            ),
            titled(`Channels within ${regionWords(summed)}`, bars),
          ],
          30,
        ),
        ...(["relevance", "activation"] as const).map((by) => strip(shown, by)),
        error !== "" && paragraph(error, WIDTH),
      ],
      14,
    ),
  );
}

function strip({ samples, crops, samplesOf }: ConceptExplorerState, by: ConceptRanking): StaticPicture | null {
  const own = samples.flatMap((sample, at) => (sample.by === by ? [at] : []));
  if (own.length === 0 || crops === null) return null;
  const [, side = 1, across = 1, channels = 1] = crops.shape;
  const bytes = crops.data as Uint8Array;
  const tiles = own.slice(0, 8).map((at) => {
    const from = at * side * across * channels;
    const pixels = new Uint8Array(3 * side * across);
    for (let place = 0; place < side * across; place++) {
      for (let color = 0; color < 3; color++)
        pixels[3 * place + color] = bytes[from + channels * place + (channels === 1 ? 0 : color)]!;
    }
    const value = paragraph(formatNumber(samples[at]!.value), CROP, { size: 11 });
    return column([photo({ pixels, width: across, height: side }, CROP), value], 3);
  });
  return titled(`Where ${samplesOf} ${RANKING_WORDS[by]}`, row(tiles, 6));
}
