/** The name under which kernels and saved notebooks ask for Limpid's own widgets, and the version they ask for. */
export const MODULE = "limpid";
export const MODULE_VERSION = "0.1.0";

/** How a browser finds the two halves of a widget. */
export interface WidgetName {
  /** The class in the browser: npm package, semantic version or range, name. */
  model: { module: string; version: string; name: string };
  /** The view's class; null when it is never shown by itself. The module defaults to the model's. */
  view: { module?: string; version?: string; name: string | null };
}

/** The two halves of a widget of this package: `ExplorerModel` and `ExplorerView` of `Explorer`. */
export const ownWidget = (name: string): WidgetName => ({
  model: { module: MODULE, version: MODULE_VERSION, name: `${name}Model` },
  view: { name: `${name}View` },
});

/** The same as the widget's state says it. */
export const nameOnWire = ({ model, view }: WidgetName) => ({
  _model_module: model.module,
  _model_module_version: model.version,
  _model_name: model.name,
  _view_module: view.module ?? model.module,
  _view_module_version: view.version ?? model.version,
  _view_name: view.name,
  _view_count: null,
});

/** MIME type of a widget's view: whose model it is of. */
export const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";

/** MIME type that says to Limpid's extension: here is a widget's view, and beside it a picture for when its kernel is gone. */
export const STORED_WIDGET = "application/vnd.limpid.stored-widget+json";
