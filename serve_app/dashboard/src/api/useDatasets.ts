import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import type { components } from "./generated/openapi";
import { keys } from "./keys";

export type DatasetEntry = components["schemas"]["DatasetEntry"];

/** The data sets that studies can use. A visit of the page asks again: another person may have uploaded one. */
export function useDatasets() {
  return useQuery({
    queryKey: keys.datasets,
    queryFn: ({ signal }) => ok(api.GET("/datasets", { signal })),
    staleTime: 30_000,
  });
}

export type DatasetDetail = components["schemas"]["DatasetDetail"];

/** One data set with the report on it. */
export function useDataset(name: string) {
  return useQuery({
    queryKey: keys.dataset(name),
    queryFn: ({ signal }) => ok(api.GET("/datasets/{name}", { params: { path: { name } }, signal })),
    staleTime: 30_000,
    enabled: name !== "",
  });
}
