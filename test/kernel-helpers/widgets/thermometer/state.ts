import { between, choice, type StateOf, text } from "../../../../src/comms/states/traits.js";

/** What a thermometer shows and lets its reader choose. */
export const thermometerState = {
  /** Degrees Celsius. */
  celsius: between(-273.15, 1000, 20),
  scale: choice("celsius", "fahrenheit"),
  /** The temperature in words. */
  words: text(),
};

export interface ThermometerState extends StateOf<typeof thermometerState> {}
