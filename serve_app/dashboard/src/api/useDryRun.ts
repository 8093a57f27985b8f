import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import type { components } from "./generated/openapi";
import { keys } from "./keys";

/** What `POST /jobs` would start: the whole spec with all defaults, or the errors of its fields. Starts nothing. */
export function useDryRun(spec: Readonly<Record<string, unknown>>, enabled = true) {
  return useQuery({
    queryKey: keys.dryRun(spec),
    queryFn: ({ signal }) =>
      ok(
        api.POST("/jobs", {
          params: { query: { dry_run: true } },
          body: spec as unknown as components["schemas"]["StudySpec"],
          signal,
        }),
      ) as Promise<components["schemas"]["DryRun"]>,
    enabled,
  });
}
