/** A command's work; its number becomes the exit code: 0 done, 1 it could not be done, 2 it was asked for wrongly. */
export type Action = () => Promise<number>;
