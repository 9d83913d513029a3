/** How a process goes. */
interface Leaving {
  /** Closes what must be closed first. */
  close(): Promise<void>;
  /** Asks the process to exit. */
  exit(): void;
  kill(): void;
  /** Milliseconds for all of it. */
  grace: number;
}

/**
 * Closes, then exits. What has not gone after the grace is killed, whether it is the closing that hangs or a loop of the main thread that
 * nothing interrupts.
 */
export async function leave({ close, exit, kill, grace }: Leaving): Promise<void> {
  setTimeout(kill, grace);
  try {
    await close();
  } finally {
    exit();
  }
}
