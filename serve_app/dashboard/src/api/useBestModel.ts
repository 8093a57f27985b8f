import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/** The best trial of a study, and whether its model is saved. */
export function useBestModel(id: string, enabled: boolean) {
  return useQuery({
    queryKey: [...keys.job(id), "best-model"],
    queryFn: ({ signal }) => ok(api.GET("/jobs/{id}/best-model", { params: { path: { id } }, signal })),
    enabled,
  });
}
