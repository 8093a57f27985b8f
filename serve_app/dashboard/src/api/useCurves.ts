import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/**
 * The curves of all trials as far as they were stored when it is asked; the live feed tells later epochs. Ask it once
 * the study's snapshot is there (`ready`), so that no epoch falls between the two.
 */
export function useCurves(id: string, metric: "val_accuracy" | "val_loss" | "objective", ready: boolean) {
  return useQuery({
    queryKey: keys.curves(id, metric),
    enabled: ready,
    queryFn: ({ signal }) =>
      ok(api.GET("/jobs/{id}/curves", { params: { path: { id }, query: { metric, points: 100 } }, signal })),
  });
}
