import { fileURLToPath } from "node:url";
import { ageGender as ageGenderOf, faceExpressions } from "../../../src/kernel-helpers/models/published/face-api.js";

/** Where the package keeps its weights. */
export const faceApiModels = fileURLToPath(new URL("model", import.meta.resolve("@vladmandic/face-api/package.json")));

export const ageGender = (output: "age" | "gender") =>
  ageGenderOf(`${faceApiModels}/age_gender_model-weights_manifest.json`, output);

export const expressions = () => faceExpressions(`${faceApiModels}/face_expression_model-weights_manifest.json`);
