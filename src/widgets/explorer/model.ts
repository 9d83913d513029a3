import { DOMWidgetModel } from "@jupyter-widgets/base";
import { type ExplorerState, explorerDefaults, type explorerSettings } from "../../comms/states/explorer.js";
import { MODULE, MODULE_VERSION } from "../../comms/states/module.js";
import { arraySerializer, TypedModel } from "../parts/model.js";

export type Settings = Pick<ExplorerState, (typeof explorerSettings)[number]>;

export class ExplorerModel extends TypedModel<ExplorerState> {
  override defaults() {
    return {
      ...super.defaults(),
      ...explorerDefaults,
      _model_name: "ExplorerModel",
      _model_module: MODULE,
      _model_module_version: MODULE_VERSION,
      _view_name: "ExplorerView",
      _view_module: MODULE,
      _view_module_version: MODULE_VERSION,
    };
  }

  /** Changes settings and asks the kernel for the explanation that they make. */
  ask(change: Partial<Settings>): void {
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

  static override serializers = {
    ...DOMWidgetModel.serializers,
    image: arraySerializer,
    relevance: arraySerializer,
  };
}
