import { strategyMapState } from "../../comms/states/strategy-map.js";
import { modelOf } from "../parts/model.js";

export class StrategyMapModel extends modelOf("StrategyMap", strategyMapState) {
  /** Whether the kernel computes. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }

  /** How many clusters are shown. */
  get count(): number {
    return this.trait("sizes").length;
  }
}
