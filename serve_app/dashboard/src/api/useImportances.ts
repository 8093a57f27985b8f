import { useQueries } from "@tanstack/react-query";
import { api, ok } from "./client";
import type { operations } from "./generated/openapi";
import { keys } from "./keys";

export type ImportanceMetric = NonNullable<
  NonNullable<operations["get_jobs_id_importance"]["parameters"]["query"]>["metric"]
>;

/**
 * The importance of the hyperparameters for several results, in their order. The server computes one after the other,
 * each for some seconds, and keeps the answers until the study's next event.
 */
export function useImportances(id: string, metrics: readonly ImportanceMetric[], ready: boolean) {
  return useQueries({
    queries: metrics.map((metric) => ({
      queryKey: [...keys.importance(id), metric],
      enabled: ready,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        ok(api.GET("/jobs/{id}/importance", { params: { path: { id }, query: { metric } }, signal })),
    })),
  });
}
