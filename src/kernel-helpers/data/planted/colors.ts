/** Red, green, blue in 0…1. */
export type Rgb = readonly [number, number, number];

/** The colors that pictures are made of, by name: well apart in hue and brightness, so that a name says what a pixel shows. */
const palette = {
  red: [0.84, 0.15, 0.16],
  orange: [0.96, 0.58, 0.12],
  yellow: [0.95, 0.88, 0.25],
  green: [0.2, 0.62, 0.24],
  cyan: [0.3, 0.8, 0.84],
  blue: [0.16, 0.33, 0.78],
  purple: [0.55, 0.27, 0.68],
  gray: [0.5, 0.5, 0.5],
  white: [0.96, 0.96, 0.96],
  black: [0.06, 0.06, 0.06],
} as const satisfies Readonly<Record<string, Rgb>>;

/** Names of all colors. */
export const colorNames: readonly string[] = Object.keys(palette);

/** How many of them objects and scenes are painted in: the first ones; white is for cores and watermarks, black for edges. */
export const PAINTS = 8;

/** By the index of its name. */
export const rgbOf = (color: number): Rgb => Object.values(palette)[color]!;

export const WHITE = colorNames.indexOf("white");
