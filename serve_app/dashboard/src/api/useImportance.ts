import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/** Which hyperparameters decided. Computing it takes seconds: it is asked when `ready`, and again only by `refetch`. */
export function useImportance(id: string, ready = true) {
  return useQuery({
    queryKey: keys.importance(id),
    enabled: ready,
    queryFn: ({ signal }) => ok(api.GET("/jobs/{id}/importance", { params: { path: { id } }, signal })),
  });
}
