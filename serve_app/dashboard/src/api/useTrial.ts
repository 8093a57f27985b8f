import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/** One trial with its epochs and its network; null asks for none yet. */
export function useTrial(id: string, number: number | null) {
  return useQuery({
    queryKey: keys.trial(id, number ?? 0),
    queryFn: ({ signal }) => ok(api.GET("/jobs/{id}/trials/{n}", { params: { path: { id, n: number ?? 0 } }, signal })),
    enabled: number !== null,
  });
}
