import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { api, ok } from "./client";
import type { components } from "./generated/openapi";
import { keys } from "./keys";

type TrialDetail = components["schemas"]["TrialDetail"];

/** Several trials with their epochs and networks, in the order of `numbers`; each is one query, shared with `useTrial`. */
export function useTrials(id: string, numbers: readonly number[]) {
  return useQueries({
    queries: numbers.map((n) => ({
      queryKey: keys.trial(id, n),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        ok(api.GET("/jobs/{id}/trials/{n}", { params: { path: { id, n } }, signal })),
    })),
    combine: together,
  });
}

/** The answers and errors in the order of the queries. They keep their identity while no query changes. */
function together(queries: UseQueryResult<TrialDetail>[]) {
  return {
    answers: queries.map((query) => query.data ?? null),
    errors: queries.map((query) => query.error),
    isPending: queries.some((query) => query.isPending),
    refetch: () => {
      for (const query of queries) if (query.isError) void query.refetch();
    },
  };
}
