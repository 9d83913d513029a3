export { gradientTimesInput, type SensitivityOptions, sensitivity } from "./gradient.js";
