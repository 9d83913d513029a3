export {
  type ConceptKind,
  type ConceptMap,
  conceptKinds,
  conceptMask,
  type PlantedOptions,
  type PlantedPictures,
  plantedPictures,
  type WatermarkOptions,
} from "./planted-pictures.js";
export { plantedObjects } from "./shapes.js";
export { plantedScenes } from "./textures.js";
