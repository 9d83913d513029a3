import { utf8 } from "../../formats/bytes.js";
import { DataFileError } from "../../formats/errors.js";
import { parseNpy } from "../../formats/npy.js";
import { decodedPicture } from "../../platform/pictures.js";
import type { DataSet, PackageSource } from "./data-set.js";

const skimage: PackageSource = {
  client: "pip",
  name: "scikit-image",
  version: "0.26.0",
  form: "wheel",
  bytes: 13_711_217,
};

interface Decoded {
  data: Uint8Array;
  width: number;
  height: number;
  channels: number;
  /** Bytes of a value. */
  depth: number;
}

/** A picture's values as they are stored: 8 or 16 bits. */
function decoded(file: string | Uint8Array, name: string): Promise<Decoded> {
  return decodedPicture(file, { raw: true }, async () => {
    const { default: sharp } = await import("sharp");
    try {
      const picture = sharp(file, { failOn: "error", ignoreIcc: true });
      const { depth, space } = await picture.metadata();
      const wide = depth === "ushort";
      const gray = space === "b-w" || space === "grey16";
      const { data, info } = await (gray ? picture.toColorspace(wide ? "grey16" : "b-w") : picture)
        .raw({ depth: wide ? "ushort" : "uchar" })
        .toBuffer({ resolveWithObject: true });
      return { data, width: info.width, height: info.height, channels: info.channels as number, depth: wide ? 2 : 1 };
    } catch (cause) {
      throw new DataFileError(name, `cannot be read as a picture: ${(cause as Error).message.split("\n")[0]}`, {
        cause,
      });
    }
  });
}

const valuesOf = ({ data, depth }: Decoded): Uint8Array | Uint16Array =>
  depth === 1 ? new Uint8Array(data) : new Uint16Array(data.slice().buffer);

export const picturesNuclei: DataSet<"pictures"> = {
  name: "pictures-nuclei",
  title: "micrograph with masks of 125 nuclei",
  kind: "pictures",
  about: "A fluorescence micrograph of 512 × 512 pixels with the mask of each of its 125 nuclei",
  from: { client: "pip", name: "stardist", version: "0.9.2", form: "wheel", bytes: 3_071_290 },
  licence: { package: "BSD-3-Clause", data: "CC0 (BBBC038v1, Data Science Bowl 2018)" },
  source: "J. C. Caicedo et al., Nature Methods 16 (2019); U. Schmidt et al., MICCAI 2018",
  files: [
    {
      name: "img2d.tif",
      from: "stardist/data/images/img2d.tif",
      bytes: 524544,
      sha256: "f9ccc1571b92c861ff87e28463068b43f61bd47357ed0503f711e5cd1eb97750",
    },
    {
      name: "mask2d.tif",
      from: "stardist/data/images/mask2d.tif",
      bytes: 524544,
      sha256: "59ad5e820b7982ca9d13e946fa6e7f64e2714899e00a2ae6c69aa79aad53d46f",
    },
  ],
  async read({ path }) {
    const [picture, mask] = [
      await decoded(path("img2d.tif"), "img2d.tif"),
      await decoded(path("mask2d.tif"), "mask2d.tif"),
    ];
    const values = valuesOf(picture);
    let brightest = 0;
    for (const value of values) brightest = Math.max(brightest, value);
    return {
      name: this.name,
      values,
      shape: [1, picture.height, picture.width, picture.channels],
      range: [0, brightest],
      labels: [],
      classNames: [],
      names: ["img2d"],
      masks: Uint16Array.from(valuesOf(mask)),
    };
  },
};

export const picturesFaces: DataSet<"pictures"> = {
  name: "pictures-faces",
  title: "100 faces, 100 other pictures",
  kind: "pictures",
  about: "100 faces and 100 pictures of something else, gray, 25 × 25 pixels",
  from: skimage,
  licence: { package: "BSD-3-Clause", data: "none stated: Labeled Faces in the Wild, for research" },
  source: "G. B. Huang et al., University of Massachusetts Amherst, 2007; the part that scikit-image carries",
  files: [
    {
      name: "lfw_subset.npy",
      from: "skimage/data/lfw_subset.npy",
      bytes: 1000080,
      sha256: "9560ec2f5edfac01973f63a8a99d00053fecd11e21877e18038fbe500f8e872c",
    },
  ],
  async read({ bytes }) {
    const { values, shape } = parseNpy("lfw_subset.npy", await bytes("lfw_subset.npy"));
    return {
      name: this.name,
      values,
      shape: [shape[0]!, shape[1]!, shape[2]!, 1],
      range: [0, 1],
      labels: Array.from({ length: shape[0]! }, (_, index) => (index < 100 ? 0 : 1)),
      classNames: ["face", "no face"],
      names: [],
    };
  },
};

const textures = ["brick", "grass", "gravel"];

export const picturesTextures: DataSet<"pictures"> = {
  name: "pictures-textures",
  title: "brick, grass and gravel",
  kind: "pictures",
  about: "Brick, grass and gravel, a gray photograph each, 512 × 512 pixels",
  from: skimage,
  licence: { package: "BSD-3-Clause", data: "CC0" },
  source: "CC0Textures and linolafett, in scikit-image",
  files: [
    {
      name: "brick.png",
      from: "skimage/data/brick.png",
      bytes: 106634,
      sha256: "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
    },
    {
      name: "grass.png",
      from: "skimage/data/grass.png",
      bytes: 217893,
      sha256: "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
    },
    {
      name: "gravel.png",
      from: "skimage/data/gravel.png",
      bytes: 194247,
      sha256: "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
    },
  ],
  async read({ path }) {
    const pictures = await Promise.all(textures.map((name) => decoded(path(`${name}.png`), `${name}.png`)));
    const { height, width, channels } = pictures[0]!;
    const values = new Uint8Array(pictures.length * height * width * channels);
    pictures.forEach((picture, index) => {
      values.set(picture.data, index * height * width * channels);
    });
    return {
      name: this.name,
      values,
      shape: [pictures.length, height, width, channels],
      range: [0, 255],
      labels: textures.map((_, index) => index),
      classNames: textures,
      names: textures,
    };
  },
};

/** Pixels a side of an emoji, and of the margin around it in the sheet. */
const [SIDE, MARGIN] = [32, 1];

interface Emoji {
  readonly name: string;
  readonly category: string;
  readonly sheet_x: number;
  readonly sheet_y: number;
  readonly has_img_google: boolean;
}

export const picturesEmoji: DataSet<"pictures"> = {
  name: "pictures-emoji",
  title: "1,911 emoji in ten categories",
  kind: "pictures",
  about: "1,911 emoji in color on white, 32 × 32 pixels, of ten categories",
  from: { client: "npm", name: "emoji-datasource-google", version: "16.0.0", bytes: 74_344_091 },
  licence: { package: "MIT", data: "Apache-2.0 (Noto Emoji)" },
  source: "Google, Noto Emoji; sheet by C. Henderson, emoji-data",
  files: [
    {
      name: "emoji.json",
      from: "emoji.json",
      bytes: 1313457,
      sha256: "1d602e65be88772bf8cc368ce16b855d719eeddbafe128d471b80203f494d29f",
    },
    {
      name: "sheet.png",
      from: "img/google/sheets/32.png",
      bytes: 5806664,
      sha256: "b417e9f6cd4bbc10656bbfd5e13b6e9a2545b55e6a4cf7312d75be1faaa34952",
    },
  ],
  async read({ bytes, path }) {
    const list = (JSON.parse(utf8("emoji.json", await bytes("emoji.json"))) as Emoji[]).filter(
      (emoji) => emoji.has_img_google,
    );
    const sheet = await decoded(path("sheet.png"), "sheet.png");
    if (sheet.channels !== 4)
      throw new DataFileError("sheet.png", `has ${sheet.channels} channels; it should have four`);
    const values = new Uint8Array(list.length * SIDE * SIDE * 3);
    let to = 0;
    for (const { sheet_x, sheet_y } of list) {
      for (let row = 0; row < SIDE; row++) {
        const y = sheet_y * (SIDE + 2 * MARGIN) + MARGIN + row;
        let from = 4 * (y * sheet.width + sheet_x * (SIDE + 2 * MARGIN) + MARGIN);
        for (let column = 0; column < SIDE; column++, from += 4) {
          const opacity = sheet.data[from + 3]! / 255;
          for (let channel = 0; channel < 3; channel++) {
            values[to++] = Math.round(255 + (sheet.data[from + channel]! - 255) * opacity);
          }
        }
      }
    }
    const classNames = [...new Set(list.map(({ category }) => category))].sort();
    return {
      name: this.name,
      values,
      shape: [list.length, SIDE, SIDE, 3],
      range: [0, 255],
      labels: list.map(({ category }) => classNames.indexOf(category)),
      classNames,
      names: list.map(({ name }) => name.toLowerCase()),
    };
  },
};
