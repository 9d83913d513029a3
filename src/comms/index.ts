/** What "limpid/comms" exports: the widget protocol without a transport. */
export { insertBuffers, removeBuffers } from "./buffers.js";
export { currentHost, DISPLAY, type DisplayOptions, type Host, type MimeBundle, provideHost } from "./host.js";
export { Comm, CommError, type CommEvent, CommManager, type TargetHandler } from "./manager.js";
export type { CommMessage, CommTransport, Json, JsonObject } from "./message.js";
export { type ChannelOwner, WidgetChannel, type WidgetModel, type WireState } from "./widget-channel.js";
export { WidgetRegistry, widgetRegistry } from "./widget-registry.js";
