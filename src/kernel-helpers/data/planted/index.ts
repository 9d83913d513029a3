export {
  type ConceptKind,
  conceptKinds,
  conceptMask,
  type PlantedOptions,
  type PlantedPictures,
  plantedPictures,
} from "./planted-pictures.js";
export { plantedObjects } from "./shapes.js";
export { plantedScenes } from "./textures.js";
