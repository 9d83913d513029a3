/** A part of a picture: place and size in shares of its width and height, 0 to 1. */
export interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** How a picture comes to the proportion that a model takes: a part of it, or all of it between margins. */
export type Fit = "crop" | "letterbox";

export interface Size {
  width: number;
  height: number;
}

/** Which part of a picture is to be seen, and how large. */
export interface Framing {
  readonly fit: Fit;
  /** The size that the model takes; where it takes any, the picture keeps its own. */
  readonly size?: Size;
  readonly region?: Region;
  /** The share of the shorter side that the center crop keeps, where no region is given. */
  readonly crop: number;
}

/** What a framing comes to on one picture. */
export interface Framed {
  /** The pixels that are kept; undefined for all. */
  readonly part?: Region;
  /** What they are resized to; undefined for their own size. */
  readonly inner?: Size;
  /** What is seen, in shares of the picture. */
  readonly region: Region;
}

const ALL: Region = { left: 0, top: 0, width: 1, height: 1 };

/** More than any camera takes; a file of a few bytes may claim more. */
export const MOST_PIXELS = 2 ** 28;

/**
 * The part of a picture of that size, upright, that is seen: for `"crop"` the region, or else the center crop in the wanted proportion, at the
 * wanted size; for `"letterbox"` all of the picture, or of the region, in its own proportion, as large as the wanted size lets it be.
 */
export function framed({ fit, size: wanted, region, crop }: Framing, picture: Size): Framed {
  if (fit === "crop") {
    if (region === undefined && wanted === undefined) return { region: ALL };
    const part = region ? pixelsOf(region, picture) : centerOf(picture, wanted!, crop);
    return { part, ...(wanted && { inner: wanted }), region: sharesOf(part, picture) };
  }
  const part = region && pixelsOf(region, picture);
  const seen = { ...(part && { part }), region: part ? sharesOf(part, picture) : ALL };
  if (wanted === undefined) return seen;
  const size = part ?? picture;
  const unit = Math.min(wanted.width / size.width, wanted.height / size.height);
  const scaled = (side: number, most: number) => Math.min(most, Math.max(1, Math.round(unit * side)));
  return { ...seen, inner: { width: scaled(size.width, wanted.width), height: scaled(size.height, wanted.height) } };
}

const sharesOf = (part: Region, { width, height }: Size): Region => ({
  left: part.left / width,
  top: part.top / height,
  width: part.width / width,
  height: part.height / height,
});

/** The pixels of a region; at least one. */
function pixelsOf(region: Region, size: Size): Region {
  const left = Math.min(Math.round(region.left * size.width), size.width - 1);
  const top = Math.min(Math.round(region.top * size.height), size.height - 1);
  const within = (wanted: number, most: number) => Math.min(Math.max(1, Math.round(wanted)), most);
  return {
    left,
    top,
    width: within(region.width * size.width, size.width - left),
    height: within(region.height * size.height, size.height - top),
  };
}

/** Size rounded down, odd pixel of the margin before the picture: as EfficientNet's own evaluation crops. */
function centerOf(size: Size, wanted: Size, share: number): Region {
  const unit = Math.min(size.width / wanted.width, size.height / wanted.height) * share;
  const width = Math.max(1, Math.floor(unit * wanted.width));
  const height = Math.max(1, Math.floor(unit * wanted.height));
  return { left: (size.width - width + 1) >> 1, top: (size.height - height + 1) >> 1, width, height };
}
