import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/** The hyperparameters that a study searches, with their ranges. */
export function useSpace(id: string, enabled = true) {
  return useQuery({
    queryKey: keys.space(id),
    enabled,
    queryFn: ({ signal }) => ok(api.GET("/jobs/{id}/space", { params: { path: { id } }, signal })),
  });
}
