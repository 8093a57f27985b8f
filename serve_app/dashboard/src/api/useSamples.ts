import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";
import type { Samples, Split } from "./shapes";

export interface SamplesQuery {
  split?: Split;
  label?: string;
  offset?: number;
  limit?: number;
}

/** Whose samples: those of a data set, or those that a study trains on. */
export type SamplesOf = { dataset: string } | { study: string };

/** A study has no training samples to look at: those of its data set are. */
type StudyQuery = SamplesQuery & { split?: "validation" | "test" };

/** A page of samples. The page before stays until the next one is there. */
export function useSamples(of: SamplesOf, query: SamplesQuery, enabled = true) {
  return useQuery({
    queryKey: "dataset" in of ? keys.samples("dataset", of.dataset, query) : keys.samples("study", of.study, query),
    queryFn: ({ signal }): Promise<Samples> =>
      "dataset" in of
        ? ok(api.GET("/datasets/{name}/samples", { params: { path: { name: of.dataset }, query }, signal }))
        : ok(api.GET("/jobs/{id}/samples", { params: { path: { id: of.study }, query: query as StudyQuery }, signal })),
    placeholderData: keepPreviousData,
    enabled,
  });
}
