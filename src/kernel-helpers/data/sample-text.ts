import { packageFile, readText } from "../platform/files.js";

/**
 * Four and a half thousand characters of TypeScript's declarations of the DOM (Apache-2.0), which the models `char-lstm` and
 * `char-gru` have not read.
 *
 * @example const text = await sampleText();
 */
export const sampleText = (): Promise<string> => readText(packageFile("models", "char-sample", "sample.txt"));
