import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/** The fields of a study and the parameters of the search space, with defaults, ranges and meanings. */
export function useOptions() {
  return useQuery({ queryKey: keys.options, queryFn: ({ signal }) => ok(api.GET("/options", { signal })) });
}
