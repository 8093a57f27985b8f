import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ok } from "./client";
import type { components } from "./generated/openapi";
import { keys } from "./keys";

interface Start {
  spec: Readonly<Record<string, unknown>>;
  /** A text that is new for each study: a request that is repeated with it starts no second one. */
  key: string;
}

/** Starts a study and returns its name. */
export function useStartStudy() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ spec, key }: Start) => {
      const body = spec as unknown as components["schemas"]["StudySpec"];
      const created = await ok(api.POST("/jobs", { params: { header: { "Idempotency-Key": key } }, body }));
      return created.id;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.jobs }),
  });
}
