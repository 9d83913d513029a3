/** One entry of a drop-down list. */
export interface Choice {
  value: string;
  label: string;
  /** What it does to the explanation, shown as a tooltip. */
  hint: string;
}

/** What a field holds; null where it is left to whoever reads it. */
export type FieldValue = string | number | boolean | number[] | null;

/** How a field is filled in. */
export type FieldControl =
  | {
      kind: "slider";
      from: number;
      to: number;
      /** Between neighboring values; in decades where the scale is logarithmic. */
      step: number;
      logarithmic: boolean;
    }
  | {
      kind: "number";
      /** The least value that is taken, null for any; `most` likewise. */
      least: number | null;
      most: number | null;
      whole: boolean;
      /** What is taken, in words that follow "must be". */
      range: string;
    }
  | { kind: "switch" }
  | {
      kind: "choice";
      /** An empty value stands for null. */
      choices: Choice[];
    };

/** One row of a form. */
export interface Field {
  name: string;
  label: string;
  /** What it does to the explanation, shown as a tooltip. */
  hint: string;
  /** Stands behind the value; empty where it has none, or one that only the hint has room for. */
  unit: string;
  /** How much of the value one of the unit shown is: 0.01 for percent of a share. */
  factor: number;
  /** Seldom changed: folded away. */
  minor: boolean;
  default: FieldValue;
  control: FieldControl;
}
