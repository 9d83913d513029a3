import { ownWidget } from "../../../../src/comms/states/module.js";
import { domWidgetClass } from "../../../../src/kernel-helpers/widgets/base/layout.js";
import { type ThermometerState, thermometerState } from "./state.js";

/** A temperature on either scale. */
export class Thermometer extends domWidgetClass<ThermometerState, { reset: object }>({
  ...ownWidget("Thermometer"),
  traits: thermometerState,
  events: ["reset"],
}) {
  constructor(initial: Partial<ThermometerState> = {}) {
    super(initial);
    this.observe(() => this.#tell(), ["celsius", "scale"]);
    this.on("reset", () => {
      this.celsius = thermometerState.celsius.initial();
    });
    this.#tell();
  }

  #tell(): void {
    const [degrees, unit] = this.scale === "celsius" ? [this.celsius, "°C"] : [1.8 * this.celsius + 32, "°F"];
    this.words = `${degrees.toFixed(1)} ${unit}`;
  }
}
