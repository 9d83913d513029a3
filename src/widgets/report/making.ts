import type { ServiceManager } from "@jupyterlab/services";
import { randomId } from "../../comms/random-id.js";
import { REPORT_EXPORT, type ReportExport } from "../../comms/report-export.js";

type Progress = Extract<ReportExport, { total: number }>;
type Made = Extract<ReportExport, { file: string }>;

/** How the making of a report ended. */
export type Outcome =
  | { readonly made: Made & { /** For the contents service. */ readonly path: string } }
  | { readonly failed: string }
  | { readonly stopped: true };

/** A report that is being made. */
export interface Making {
  readonly done: Promise<Outcome>;
  /** How far it is; undefined before it begins. */
  readonly progress: Progress | undefined;
  /** Told whenever that changes. */
  onProgress: () => void;
  /** Gives it up; `done` follows when its processes have ended. */
  stop(): void;
  readonly isStopped: boolean;
}

/**
 * Has a kernel of its own, which ends with it, make the report of a saved notebook.
 *
 * @param kernel the name of Limpid's kernel
 * @param path of the notebook, for the contents service
 * @param options what follows the notebook on the command line of `limpid report`
 */
export function makeReport(
  { sessions }: Pick<ServiceManager.IManager, "sessions">,
  kernel: string,
  path: string,
  options: readonly string[],
): Making {
  const cut = path.lastIndexOf("/") + 1;
  const [folder, name] = [path.slice(0, cut), path.slice(cut)];
  let isStopped = false;
  let end: (() => Promise<void>) | undefined;
  let progress: Progress | undefined;
  let made: Made | undefined;

  const work = async (): Promise<Outcome> => {
    // A session stands for a path, whose folder is its kernel's; the notebook's own path has the notebook's session.
    const session = await sessions.startNew({
      path: `${folder}report-${randomId()}`,
      name: `Report of ${name}`,
      type: "report",
      kernel: { name: kernel },
    });
    end = () => session.shutdown();
    try {
      if (isStopped) return { stopped: true };
      const words = JSON.stringify([name, ...options]);
      const code = `await (await import("limpid/reports")).exportReport(${words});`;
      const request = session.kernel!.requestExecute({ code, store_history: false, allow_stdin: false });
      request.onIOPub = ({ content }) => {
        const news = (content as { data?: { [REPORT_EXPORT]?: ReportExport } }).data?.[REPORT_EXPORT];
        if (news === undefined) return;
        if ("file" in news) made = news;
        else progress = news;
        making.onProgress();
      };
      const { content } = await request.done;
      if (made !== undefined) return { made: { ...made, path: folder + made.file } };
      return { failed: content.status === "error" ? content.evalue : "Its kernel ended without a report." };
    } finally {
      await session.shutdown().catch(() => {});
    }
  };
  const making: Making = {
    done: work().catch((error: unknown) =>
      isStopped ? { stopped: true as const } : { failed: error instanceof Error ? error.message : String(error) },
    ),
    get progress() {
      return progress;
    },
    onProgress: () => {},
    get isStopped() {
      return isStopped;
    },
    stop() {
      isStopped = true;
      void end?.().catch(() => {});
    },
  };
  return making;
}
