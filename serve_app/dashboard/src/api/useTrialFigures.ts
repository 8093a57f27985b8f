import { useQuery } from "@tanstack/react-query";
import { ApiError, api, apiError, ok } from "./client";
import { keys } from "./keys";

/** The figures of one trial. They are asked anew when `mark` changes: one that has trained no epoch has none. */
export function useTrialFigures(id: string, number: number, mark: string) {
  return useQuery({
    queryKey: [...keys.trial(id, number), "figures", mark],
    queryFn: ({ signal }) =>
      ok(api.GET("/jobs/{id}/trials/{n}/plots", { params: { path: { id, n: number } }, signal })),
  });
}

/** Address of a figure of a trial. */
export function figureAddress(id: string, number: number, name: string, format: string): string {
  return `/jobs/${encodeURIComponent(id)}/trials/${number}/plots/${name}?format=${format}`;
}

/**
 * A figure as a picture that the page holds: an image that fails does not say why, an answer does. Drawing takes seconds;
 * the server ends it when nobody waits any more. It is asked anew when `mark` changes. The caller makes an address of the
 * picture and gives it back.
 */
export function useFigurePicture(address: string, mark: string) {
  return useQuery({
    queryKey: ["figure", address, mark],
    gcTime: 60_000,
    queryFn: async ({ signal }): Promise<Blob> => {
      let answer: Response;
      try {
        answer = await fetch(address, { signal, credentials: "same-origin" });
      } catch (fault) {
        if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
        throw new ApiError(0, "The server does not answer.", "Check that `tuner serve` is running, then try again.");
      }
      if (answer.ok) return answer.blob();
      throw apiError(await answer.json().catch(() => null), answer.status, answer.headers);
    },
  });
}
