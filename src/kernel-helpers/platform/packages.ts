/** Installing packages, which takes npm. */
export { installByNpm } from "../notebook/npm.js";
