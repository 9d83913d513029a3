import { setCompiler } from "../../explainers/network/index.js";
import { tensorflow } from "../../kernel-helpers/tensorflow/backend.js";

/**
 * Has computations run as programs from their first call on until `keep`, and no new ones made after: the last bits of a sample then do not
 * depend on how many were explained before it.
 */
export async function steadyPrograms(): Promise<{ keep(): void; restore(): void }> {
  await tensorflow();
  const before = setCompiler(undefined);
  setCompiler(before && { ...before, from: 1 });
  return {
    keep: () => {
      setCompiler(before && { ...before, from: Number.POSITIVE_INFINITY });
    },
    restore: () => {
      setCompiler(before);
    },
  };
}
