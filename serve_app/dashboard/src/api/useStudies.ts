import { type UseQueryResult, useInfiniteQuery, useQueries } from "@tanstack/react-query";
import { api, ok } from "./client";
import type { components } from "./generated/openapi";
import { keys } from "./keys";
import { jobQuery } from "./useJob";

type JobDetail = components["schemas"]["JobDetail"];
type Best = components["schemas"]["Best"];

/** Several studies, in the order of `ids`. The live feed keeps them up to date. */
export function useStudies(ids: readonly string[]) {
  return useQueries({ queries: ids.map(jobQuery), combine: together<JobDetail> });
}

/** Who led several studies, in the order of `ids`. The live feed appends each new best one. */
export function useBestsOf(ids: readonly string[]) {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: keys.bests(id),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        ok(api.GET("/jobs/{id}/bests", { params: { path: { id } }, signal })),
    })),
    combine: together<Best[]>,
  });
}

function together<T>(queries: UseQueryResult<T>[]) {
  return {
    answers: queries.map((query) => query.data ?? null),
    errors: queries.map((query) => query.error),
    isPending: queries.some((query) => query.isPending),
    refetch: () => {
      for (const query of queries) if (query.isError) void query.refetch();
    },
  };
}

/** Studies that are older than those of `useJobs`, page by page; `cursor` is the end of its answer. */
export function useOlderJobs(cursor: string | null) {
  return useInfiniteQuery({
    queryKey: [...keys.jobs, "older", cursor],
    queryFn: ({ pageParam, signal }) =>
      ok(api.GET("/jobs", { params: { query: { limit: 200, cursor: pageParam } }, signal })),
    initialPageParam: cursor ?? "",
    getNextPageParam: (page) => page.next_cursor,
    enabled: false,
  });
}
