import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import type { components, paths } from "./generated/openapi";
import { keys } from "./keys";

export type Estimate = components["schemas"]["Estimate"];
type Request = paths["/estimate"]["post"]["requestBody"]["content"]["application/json"];

/**
 * Expected size and cost of a study, and with hyperparameters the layers of one network. The spec may hold what a
 * person has just typed; the server says what is wrong with it. A question that nobody asks any more is
 * aborted. With `keep` the answer to the question before stays until the next one is there.
 */
export function useEstimate(
  spec: Readonly<Record<string, unknown>>,
  hyperparameters?: Readonly<Record<string, string | number | boolean>>,
  enabled = true,
  keep = false,
) {
  const request = hyperparameters === undefined ? { spec } : { spec, hyperparameters };
  return useQuery({
    queryKey: keys.estimate(request),
    queryFn: ({ signal }) => ok(api.POST("/estimate", { body: request as unknown as Request, signal })),
    enabled,
    placeholderData: keep ? keepPreviousData : undefined,
  });
}
