import { useMutation } from "@tanstack/react-query";
import { api, ok } from "./client";
import type { StudyChange, TrialChange } from "./shapes";

/** Changes the note, the tags or the number of workers of a study. The live feed tells every page about it. */
export function usePatchStudy(id: string) {
  return useMutation({
    mutationFn: (body: StudyChange) => ok(api.PATCH("/jobs/{id}", { params: { path: { id } }, body })),
  });
}

/** Changes the note or the star of a trial. */
export function usePatchTrial(id: string, n: number) {
  return useMutation({
    mutationFn: (body: TrialChange) => ok(api.PATCH("/jobs/{id}/trials/{n}", { params: { path: { id, n } }, body })),
  });
}

/** Asks one running trial to end. It ends within a batch; the study goes on. */
export function useCancelTrial(id: string, n: number) {
  return useMutation({
    mutationFn: () => ok(api.POST("/jobs/{id}/trials/{n}/cancel", { params: { path: { id, n } } })),
  });
}
