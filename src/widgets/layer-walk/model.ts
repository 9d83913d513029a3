import { layerWalkState } from "../../comms/states/layer-walk.js";
import { modelOf } from "../parts/model.js";

export class LayerWalkModel extends modelOf("LayerWalk", layerWalkState) {}
