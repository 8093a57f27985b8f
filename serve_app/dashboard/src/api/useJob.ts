import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/** One study with its spec and its best trial. */
export function useJob(id: string) {
  return useQuery({
    queryKey: keys.job(id),
    queryFn: ({ signal }) => ok(api.GET("/jobs/{id}", { params: { path: { id } }, signal })),
  });
}
