export { EmptyRepresentationError, type InversionRun, type InversionStep, inversion, invert } from "./inversion.js";
export { InverterError, type Reconstruction, reconstruct } from "./inverter.js";
export type { InversionOptions, LiveInversionOptions } from "./options.js";
export { representationOf } from "./representation.js";
