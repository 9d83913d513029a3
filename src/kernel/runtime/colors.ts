/**
 * Lets packages color what they print (chalk, picocolors …), since front ends show the colors of terminals; what `console` prints of values stays
 * plain, as results are. `NO_COLOR` and `FORCE_COLOR` in the kernel's environment decide otherwise.
 */
export function allowColors(): void {
  const mode = Object.getOwnPropertySymbols(console).find(({ description }) => description === "kColorMode");
  // An engine that keeps this elsewhere would color values, too.
  if (mode === undefined) return;
  Object.assign(console, { [mode]: false });
  if (process.env["NO_COLOR"] === undefined) process.env["FORCE_COLOR"] ??= "3";
}
