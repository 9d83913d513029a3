import { sliceMapState } from "../../comms/states/slice-map.js";
import { modelOf } from "../parts/model.js";

export class SliceMapModel extends modelOf("SliceMap", sliceMapState) {}
