/** The other half of `kernel-helpers/platform/zarr`: a report's page has no stores. */
export const canReadStores: boolean = false;

export const openArray = (location: string): Promise<never> =>
  Promise.reject(new Error(`${location} is a store: it is read where its files are, and not in a report's page`));
