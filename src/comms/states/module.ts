/** The name under which kernels and saved notebooks ask for Limpid's own widgets, and the version they ask for. */
export const MODULE = "limpid";
export const MODULE_VERSION = "0.1.0";
