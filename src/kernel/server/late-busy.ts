/** A message that is dealt with sooner, in milliseconds, keeps the kernel from nothing that anybody would see. */
const DELAY = 300;

/**
 * The `busy` of messages that are soon dealt with, held back: front ends lay out and paint much of their page at each change of the
 * kernel's status, just when a widget's new picture is to be computed and painted.
 */
export function lateBusy(publish: (parentHeader: string) => void) {
  const waiting = new Map<string, NodeJS.Timeout>();

  return {
    begin(parentHeader: string): void {
      const say = () => {
        waiting.delete(parentHeader);
        publish(parentHeader);
      };
      waiting.set(parentHeader, setTimeout(say, DELAY));
    },
    end(parentHeader: string): void {
      clearTimeout(waiting.get(parentHeader));
      waiting.delete(parentHeader);
    },
  };
}
