import { relevanceFlowState } from "../../comms/states/relevance-flow.js";
import { modelOf } from "../parts/model.js";

export class RelevanceFlowModel extends modelOf("RelevanceFlow", relevanceFlowState) {}
