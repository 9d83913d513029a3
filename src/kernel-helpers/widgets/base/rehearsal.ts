/** Work that takes longer than this, in milliseconds, is not done again for nothing. */
const QUICK = 1500;

/** How long nothing must have happened, in milliseconds. */
const IDLE = 400;

/**
 * Does quick work once more in an idle moment: explanations that are repeated are compiled, and that takes as long as a few of
 * them. Whoever moves a slider then finds the program made.
 */
export class Rehearsal {
  readonly #rehearsed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param form names the work; each form is rehearsed once
   * @param took how long it took, in milliseconds
   */
  plan(form: string, took: number, work: () => Promise<unknown>): void {
    this.cancel();
    if (took > QUICK || this.#rehearsed.has(form)) return;
    this.#timer = setTimeout(() => {
      this.#rehearsed.add(form);
      // An error will come again, where somebody sees it.
      work().catch(() => {});
    }, IDLE);
    this.#timer.unref?.();
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
