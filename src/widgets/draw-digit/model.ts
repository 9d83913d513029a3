import { drawDigitState } from "../../comms/states/draw-digit.js";
import { modelOf } from "../parts/model.js";

export class DrawDigitModel extends modelOf("DrawDigit", drawDigitState) {
  /** Hands a drawing to the kernel; while it is busy, only the newest waits. */
  draw(values: Uint8Array): void {
    this.choose({ digit: { shape: [28, 28, 1], values } });
  }
}
