import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/** Which trials led the study, in order. The live feed appends each new best one. */
export function useBests(id: string, enabled = true) {
  return useQuery({
    queryKey: keys.bests(id),
    queryFn: ({ signal }) => ok(api.GET("/jobs/{id}/bests", { params: { path: { id } }, signal })),
    enabled,
  });
}
