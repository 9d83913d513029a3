import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import type { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { MODULE, STORED_WIDGET } from "../../comms/states/module.js";
import { NotebookKernel, type Session } from "./notebook-kernel.js";
import { StoredWidget } from "./stored-widget.js";

/** What is used of a notebook's panel. */
interface Panel {
  readonly content: { readonly rendermime: IRenderMimeRegistry };
}

/** Before Jupyter's own renderer of widgets, which stands at −10 and knows no picture. */
const RANK = -20;

/**
 * Shows widgets of a notebook that was reopened, or whose kernel is gone, as the pictures that the file has of them.
 *
 * Jupyter's widget manager takes other renderers of its MIME type away. So outputs carry a type of our own beside it, and what
 * renders that asks Jupyter's renderer for the view.
 */
export const storedWidgets: JupyterFrontEndPlugin<void> = {
  id: `${MODULE}:stored-widgets`,
  description: "Shows the pictures of Limpid's widgets in notebooks without their kernel.",
  autoStart: true,
  activate({ docRegistry }: JupyterFrontEnd) {
    docRegistry.addWidgetExtension("Notebook", {
      createNew(panel, { sessionContext }) {
        const { rendermime } = (panel as unknown as Panel).content;
        // A second view of a notebook shares its registry.
        if (rendermime.getFactory(STORED_WIDGET) !== undefined) return;
        const kernel = new NotebookKernel(rendermime, sessionContext as unknown as Session);
        const factory = {
          safe: true,
          mimeTypes: [STORED_WIDGET],
          createRenderer: () => new StoredWidget(rendermime, kernel),
        };
        rendermime.addFactory(factory, RANK);
      },
    });
  },
};
