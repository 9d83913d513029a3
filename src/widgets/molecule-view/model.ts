import { type MoleculeContent, type MoleculeViewState, moleculeViewState } from "../../comms/states/molecule-view.js";
import { modelOf } from "../parts/model.js";

export class MoleculeViewModel extends modelOf("MoleculeView", moleculeViewState) {
  /** What words and drawings are made of. */
  get content(): MoleculeContent {
    const names = Object.keys(moleculeViewState) as (keyof MoleculeViewState)[];
    const state = Object.fromEntries(names.map((name) => [name, this.trait(name)])) as unknown as MoleculeContent;
    return { ...state, positions: this.trait("positions")?.values ?? [] };
  }
}
