/** The other half of `kernel-helpers/platform/data-sets`: what the notebook read of a data set is in the report's file. */
import { type DataSet, type GetOptions, setInWords } from "../../kernel-helpers/data/sets/data-set.js";
import { dataFile } from "./files.js";

/** Says whose data these are; a page fetches nothing, and who reads a file that is not in the report is told so then. */
export async function fetchDataSet(set: DataSet, { say = console.log }: GetOptions = {}): Promise<string> {
  for (const line of setInWords(set)) say(line);
  return dataFile(set.name);
}
