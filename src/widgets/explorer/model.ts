import { type ExplorerState, type explorerSettings, explorerState } from "../../comms/states/explorer.js";
import { modelOf } from "../parts/model.js";

export class ExplorerModel extends modelOf("Explorer", explorerState) {
  /** Changes settings and asks the kernel for the explanation that they make. */
  ask(change: Partial<Pick<ExplorerState, (typeof explorerSettings)[number]>>): void {
    this.choose({ ...change, request: this.trait("request") + 1 });
  }

  /** Whether the kernel has still to answer. */
  get pending(): boolean {
    return this.comm_live && this.trait("request") !== this.trait("answered");
  }

  /** Has the kernel give up what it computes; the last explanation stays. */
  stop(): void {
    this.send({ event: "stop" });
  }
}
