/** What a training is told. */
export interface Training {
  /** Where models are written, each into a folder of its name. */
  folder: string;
  seed: number;
  /** Times through the data; each model has its own default. */
  epochs?: number;
  /** Of inverters: the layers that are inverted, in place of all. */
  layers?: readonly string[];
  log: (line: string) => void;
}
