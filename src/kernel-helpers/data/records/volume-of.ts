import { DataFileError } from "../../formats/errors.js";
import type { Nifti } from "../../formats/volumes/nifti.js";
import type { Volume } from "./records.js";

/** A NIfTI image of up to four axes as a volume. @throws DataFileError where it has more */
export function volumeOf(name: string, { sizes, steps, values, affine }: Nifti): Volume {
  if (sizes.slice(4).some((size) => size > 1)) {
    throw new DataFileError(
      name,
      `has ${sizes.length} axes (${sizes.join(" × ")}): save volumes of three, or four with time`,
    );
  }
  const size = (axis: number) => sizes[axis] ?? 1;
  return {
    name,
    values,
    shape: [size(3), size(2), size(1), size(0)],
    voxel: [steps[0] ?? 1, steps[1] ?? 1, steps[2] ?? 1],
    repetition: size(3) > 1 ? steps[3] : undefined,
    affine,
    unit: "",
    labels: [],
    classNames: [],
    runs: [],
  };
}
