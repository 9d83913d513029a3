import type { Molecule } from "../../formats/molecules/molecule.js";
import type { TableColumn } from "../../formats/tables/delimited.js";
import type { LoadedModel } from "../../models/load-model.js";
import type { Signals, Split } from "./signals.js";

/** Texts with what is known of each. */
export interface Texts {
  readonly name: string;
  readonly texts: readonly string[];
  /** Index of each text's class; empty where they have none. */
  readonly labels: readonly number[];
  readonly classNames: readonly string[];
  /** A number that people gave each text, where they did; `scoreUnit` says on what scale. */
  readonly scores?: Float32Array;
  readonly scoreUnit?: string;
  /** What each is meant for; empty where nothing says it. */
  readonly splits: readonly Split[];
}

/** Columns of equal length. */
export interface LoadedTable {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly TableColumn[];
  /** The column of that name. @throws ParameterError */
  column(name: string): TableColumn;
}

/** Numbers in space, one volume or several in time. */
export interface Volume {
  readonly name: string;
  /** In C order over `[time, z, y, x]`: x runs fastest. */
  readonly values: Float32Array;
  readonly shape: readonly [time: number, z: number, y: number, x: number];
  /** Size of a voxel along x, y and z, in millimeters. */
  readonly voxel: readonly [x: number, y: number, z: number];
  /** Seconds from one volume to the next; undefined where there is one. */
  readonly repetition: number | undefined;
  /** From voxel indexes (x, y, z) to millimeters right, anterior, superior: three rows of four; undefined where the file says none. */
  readonly affine: readonly (readonly number[])[] | undefined;
  /** Of the values; empty where nothing says it. */
  readonly unit: string;
  /** 1 where the data are, `[z, y, x]`. */
  readonly mask?: Uint8Array;
  /** Index of the class of each volume in time; empty where there are none. */
  readonly labels: readonly number[];
  readonly classNames: readonly string[];
  /** Of each volume: a run must not lie on both sides of a split. */
  readonly runs: readonly number[];
}

/** Molecules with what is known of each. */
export interface Molecules {
  readonly name: string;
  readonly molecules: readonly Molecule[];
  /** Units of the molecules' properties, by name. */
  readonly units: Readonly<Record<string, string>>;
  /** What each is meant for; empty where nothing says it. */
  readonly splits: readonly Split[];
}

/** Pictures of one size. */
export interface PictureSet {
  readonly name: string;
  /** `[pictures, height, width, channels]`, from `range[0]` (black) to `range[1]`. */
  readonly values: Uint8Array | Uint16Array | Float32Array;
  readonly shape: readonly [pictures: number, height: number, width: number, channels: number];
  readonly range: readonly [black: number, white: number];
  /** Index of each picture's class; empty where they have none. */
  readonly labels: readonly number[];
  readonly classNames: readonly string[];
  /** What each picture is called; empty where they have no names. */
  readonly names: readonly string[];
  /** `[pictures, height, width]`: 0 where nothing is, else the number of the object. */
  readonly masks?: Uint16Array;
}

/** Networks of ANI: for each element one that gives an atom's share of the energy. */
export interface AniNetworks {
  readonly name: string;
  /** By element: its own energy in hartree, and for each member of the ensemble its dense layers. */
  readonly elements: Readonly<
    Record<string, { readonly self: number; readonly members: readonly (readonly DenseLayer[])[] }>
  >;
  /** Constants of the symmetry functions, by the names of the parameter file; lengths in ångström. */
  readonly constants: Readonly<Record<string, readonly number[]>>;
}

/** `outputs = weights · inputs + bias`. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** `[outputs, inputs]`. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** What a data set is loaded as, by its kind. */
export interface Records {
  signals: Signals;
  text: Texts;
  volume: Volume;
  molecules: Molecules;
  pictures: PictureSet;
  networks: AniNetworks;
  model: LoadedModel;
}
