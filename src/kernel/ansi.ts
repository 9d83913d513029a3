/** Colors of a traceback, as front ends show them. */

export const red = (text: string): string => `\u001b[1;31m${text}\u001b[0m`;
export const green = (text: string): string => `\u001b[32m${text}\u001b[0m`;
export const dim = (text: string): string => `\u001b[2m${text}\u001b[0m`;
