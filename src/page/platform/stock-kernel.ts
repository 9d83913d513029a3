/** The other half of `kernel-helpers/platform/stock-kernel`: a page is no kernel of other software. */
export const stockDisplay = (): undefined => undefined;
