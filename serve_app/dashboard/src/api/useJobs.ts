import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import type { components } from "./generated/openapi";
import { keys } from "./keys";

export type Job = components["schemas"]["Job"];

/** The newest studies. The live feed writes what happens into this answer. */
export function useJobs() {
  return useQuery({
    queryKey: keys.jobs,
    queryFn: ({ signal }) => ok(api.GET("/jobs", { params: { query: { limit: 200 } }, signal })),
  });
}
