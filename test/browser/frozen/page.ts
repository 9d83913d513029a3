/** In the page: widgets of stored states by Jupyter's own manager, without any kernel. */
import "@jupyter-widgets/controls/css/labvariables.css";
import "@jupyter-widgets/controls/css/widgets-base.css";
import { HTMLManager } from "@jupyter-widgets/html-manager/lib/htmlmanager.js";
import "@lumino/widgets/style/index.css";
import * as widgets from "../../../src/widgets/index.js";
import { lock, NEEDS_KERNEL } from "../../../src/widgets/parts/lock.js";

interface Shown {
  views: Record<string, string>;
  state: Parameters<HTMLManager["set_state"]>[0];
}

/** Shows each widget in an element of its name; returns the models' traits by id, without what they draw. */
async function show({ views, state }: Shown): Promise<void> {
  const manager = new HTMLManager({
    loader: async (name: string) => {
      if (name === "limpid") return widgets;
      throw new Error(`no ${name} in this page`);
    },
  });
  const models = await manager.set_state(state);
  Object.assign(window, { models });
  for (const [name, id] of Object.entries(views)) {
    const place = document.body.appendChild(document.createElement("section"));
    place.id = name;
    const model = models.find(({ model_id }) => model_id === id);
    if (model === undefined) throw new Error(`no model of ${name}`);
    await manager.display_view(manager.create_view(model), place);
    lock(place, () => NEEDS_KERNEL);
  }
}

Object.assign(window, { show });
