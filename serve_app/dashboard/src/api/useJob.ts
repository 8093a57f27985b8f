import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/** The query of one study; the live feed reads it too. */
export function jobQuery(id: string) {
  return queryOptions({
    queryKey: keys.job(id),
    queryFn: ({ signal }) => ok(api.GET("/jobs/{id}", { params: { path: { id } }, signal })),
  });
}

/** One study with its spec and its best trial. The live feed keeps it up to date. */
export function useJob(id: string, enabled = true) {
  return useQuery({ ...jobQuery(id), enabled });
}

/** The same, asked once more: for what no event tells, as the size of its files. */
export function useFreshJob(id: string) {
  return useQuery({
    queryKey: [...keys.job(id), "fresh"],
    queryFn: ({ signal }) => ok(api.GET("/jobs/{id}", { params: { path: { id } }, signal })),
    staleTime: 0,
    gcTime: 0,
  });
}
