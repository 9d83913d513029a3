import { MODULE, MODULE_VERSION } from "../../../comms/states/module.js";

/** How a browser finds the two halves of a widget of this package. */
export const ownWidget = (name: string) => ({
  model: { module: MODULE, version: MODULE_VERSION, name: `${name}Model` },
  view: { name: `${name}View` },
});
