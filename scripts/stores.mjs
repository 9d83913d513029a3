// npm run test:stores: a store of explanations in the hands of xarray, Quantus, captum and ViRelAy, in an environment of its own, by the lines of docs/batch.md.
import { testWithPython } from "./setup/other-python.mjs";
import { stepsOfUnits } from "./setup/steps.mjs";

const PACKAGES = [
  ...["xarray>=2025.1", "zarr>=3.0.8,<4", "virelay>=0.6,<1"],
  // Of the versions that the benchmarks compare with.
  ...["torch==2.13.0", "captum==0.9.0", "quantus==0.6.0", "matplotlib"],
];
await testWithPython("stores", PACKAGES, stepsOfUnits);
