import { ParameterError } from "../../../explainers/errors.js";
import type { Records } from "../records/records.js";
import type { DataSet } from "./data-set.js";
import { ecgBeats } from "./ecg.js";
import { eegFingerMovements, eegSelfRegulation } from "./eeg.js";
import { fmriObjects } from "./fmri.js";
import { modelFaceAge, modelFaceExpressions, modelFerExpressions } from "./models.js";
import { aniNetworks, moleculesG2, moleculesSolubility } from "./molecules.js";
import { motionBasic, motionShoulderExercises } from "./motion.js";
import { picturesEmoji, picturesFaces, picturesNuclei, picturesTextures } from "./pictures.js";
import { textBrown, textMovieSentences, textNewsgroups } from "./texts.js";

/** All data sets, by what they are. */
export const dataSets: readonly DataSet[] = [
  ecgBeats,
  eegFingerMovements,
  eegSelfRegulation,
  fmriObjects,
  modelFaceAge,
  modelFaceExpressions,
  modelFerExpressions,
  moleculesG2,
  moleculesSolubility,
  motionBasic,
  motionShoulderExercises,
  aniNetworks,
  picturesEmoji,
  picturesFaces,
  picturesNuclei,
  picturesTextures,
  textBrown,
  textMovieSentences,
  textNewsgroups,
];

/** Names of the data sets of a kind, or of all. */
export const namesOf = (kind?: keyof Records): string[] =>
  dataSets.filter((set) => kind === undefined || set.kind === kind).map(({ name }) => name);

/** The data set of that name. @throws ParameterError that suggests what may have been meant */
export function findDataSet(name: string): DataSet {
  const found = dataSets.find((set) => set.name === name);
  if (found === undefined) throw ParameterError.notOneOf("data set", name, namesOf());
  return found;
}
