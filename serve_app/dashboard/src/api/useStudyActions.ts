import { useMutation } from "@tanstack/react-query";
import { api, ok } from "./client";

const at = (id: string) => ({ params: { path: { id } } });

/** Asks a study to end. Its trials end within a batch; then its best model is saved. */
export function useCancelStudy(id: string) {
  return useMutation({ mutationFn: () => ok(api.POST("/jobs/{id}/cancel", at(id))) });
}

/** Resumes a study; `trials` is its new total number of trials, null leaves it. */
export function useResumeStudy(id: string) {
  return useMutation({
    mutationFn: (trials: number | null) => ok(api.POST("/jobs/{id}/resume", { ...at(id), body: { trials } })),
  });
}

/** Deletes a study that is not running. This cannot be undone. */
export function useDeleteStudy(id: string) {
  return useMutation({ mutationFn: () => ok(api.DELETE("/jobs/{id}", at(id))) });
}
