import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import type { components } from "./generated/openapi";
import { keys } from "./keys";

export type Explanation = components["schemas"]["StudyExplanation"];

/**
 * Training problems, their remedies, what drives health, and what to try next. Computing it takes seconds: it is asked
 * when the page opens, after the study's end, and by `refetch`.
 */
export function useExplain(id: string, ready = true) {
  return useQuery({
    queryKey: [...keys.job(id), "explain"],
    enabled: ready,
    queryFn: async ({ signal }): Promise<Explanation> =>
      ok(api.GET("/jobs/{id}/explain", { params: { path: { id } }, signal })),
  });
}
