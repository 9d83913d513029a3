import { choiceState } from "../../comms/states/choice.js";
import { modelOf } from "../parts/model.js";

export class ChoiceModel extends modelOf("Choice", choiceState) {}
