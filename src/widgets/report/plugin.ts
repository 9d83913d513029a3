import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { LabIcon, type Toolbar, ToolbarButton } from "@jupyterlab/ui-components";
import { MODULE } from "../../comms/states/module.js";
import type { ReportOptions } from "./form.js";
import type { Making } from "./making.js";
import { type NotebookContent, parametersOf } from "./parameters.js";

const COMMAND = `${MODULE}:export-report`;
const LABEL = "Export as Live Report…";
const CAPTION = "Make one HTML file of the notebook, for readers without Jupyter";
/** The name that Limpid's kernel has in every Jupyter. */
const KERNEL = "limpid";

const icon = new LabIcon({
  name: `${MODULE}:report`,
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" fill-rule="evenodd" d="M6 2h8l6 6v14H4V2zm7 1.5V9h5.5zM6 4v16h12v-9h-7V4zm1 9h2.2a2 2 0 0 1 3.6 0H17v1.6h-4.2a2 2 0 0 1-3.6 0H7zm0 4h10v1.4H7z"/></svg>`,
});

/** What is used of a notebook that is open. */
interface OpenNotebook {
  readonly path: string;
  readonly model: { readonly dirty: boolean; toJSON(): unknown };
  save(): Promise<void>;
}

/** What is used of a notebook's panel. */
interface Panel {
  readonly toolbar: Toolbar;
}

/** A command and a button of Limpid's notebooks that make a report of them. */
export const reports: JupyterFrontEndPlugin<void> = {
  id: `${MODULE}:report`,
  description: "Exports a notebook as a live report.",
  autoStart: true,
  optional: [ICommandPalette],
  activate(app: JupyterFrontEnd, palette: ICommandPalette | null) {
    const { commands, docRegistry, serviceManager, shell } = app;
    /** The notebooks that are open, by their panels; null where another kernel runs them. */
    const open = new Map<unknown, OpenNotebook | null>();
    /** Reports on their way, by their notebooks. */
    const makings = new Map<OpenNotebook, Making>();

    const exportReport = async (notebook: OpenNotebook): Promise<void> => {
      const [{ askOptions, tellOutcome, watchMaking }, { makeReport }] = await Promise.all([
        import("./dialogs.js"),
        import("./making.js"),
      ]);
      const path = serviceManager.contents.localPath(notebook.path);
      const name = path.slice(path.lastIndexOf("/") + 1);
      const before = makings.get(notebook);
      if (before?.isStopped === false) return watchMaking(name, before);
      // One that was given up may still be ending.
      await before?.done;
      let entered: ReportOptions | undefined;
      for (let again = true; again; ) {
        const options = await askOptions(name, parametersOf(notebook.model.toJSON() as NotebookContent), entered);
        if (options === undefined) return;
        entered = options.entered;
        if (notebook.model.dirty) await notebook.save();
        const making = makeReport(serviceManager, KERNEL, path, options.words);
        makings.set(notebook, making);
        await watchMaking(name, making);
        const outcome = await making.done;
        makings.delete(notebook);
        again = await tellOutcome(outcome, serviceManager.contents);
      }
    };
    const current = (): OpenNotebook | null => open.get(shell.currentWidget) ?? null;
    commands.addCommand(COMMAND, {
      label: LABEL,
      caption: CAPTION,
      icon,
      isEnabled: () => current() !== null,
      execute: async () => {
        const notebook = current();
        if (notebook !== null) await exportReport(notebook);
      },
    });
    palette?.addItem({ command: COMMAND, category: "Notebook Operations" });
    docRegistry.addWidgetExtension("Notebook", {
      createNew(panel, context) {
        const { sessionContext } = context;
        const button = new ToolbarButton({
          icon,
          tooltip: `${LABEL.replace("…", "")}: ${CAPTION.toLowerCase()}`,
          onClick: () => void exportReport(context),
        });
        button.addClass("limpid-report-button");
        const look = () => {
          const kernel = sessionContext.session?.kernel?.name ?? sessionContext.kernelPreference.name;
          const isOurs = kernel === KERNEL;
          open.set(panel, isOurs ? context : null);
          button.setHidden(!isOurs);
          commands.notifyCommandChanged(COMMAND);
        };
        sessionContext.kernelChanged.connect(look);
        panel.disposed.connect(() => open.delete(panel));
        look();
        void sessionContext.ready.then(look);
        (panel as unknown as Panel).toolbar.insertItem(10, "limpid-report", button);
        return button;
      },
    });
  },
};
