/** Addresses of a data set's page and of a new search on it. */
export const datasetHref = (name: string) => `/data?dataset=${encodeURIComponent(name)}`;
export const searchHref = (name: string) => `/new?dataset=${encodeURIComponent(name)}`;
