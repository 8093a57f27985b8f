import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/** The training problems of one trial with all their remedies; asked anew when `mark` changes. */
export function useDiagnosis(id: string, number: number, mark: string) {
  return useQuery({
    queryKey: [...keys.trial(id, number), "explain", mark],
    queryFn: ({ signal }) =>
      ok(api.GET("/jobs/{id}/trials/{n}/explain", { params: { path: { id, n: number } }, signal })),
  });
}
