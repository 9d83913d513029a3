export {
  type ConceptData,
  type ConceptRun,
  type ConceptScore,
  type ConceptScores,
  type TcavOptions,
  tcav,
} from "./tcav/tcav.js";
