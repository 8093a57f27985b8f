import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";
import type { Inputs, Prediction } from "./shapes";

/** What a model is asked about. Inputs with equal keys are equal. */
export type TryInput =
  /** A text, or an image file as a data URL. */
  { key: string; value: string } | { key: string; split: "validation" | "test"; index: number };

/** What the models of a study take, and which trials have one. */
export function usePredictSchema(id: string) {
  return useQuery({
    queryKey: [...keys.job(id), "predict-schema"],
    queryFn: ({ signal }) => ok(api.GET("/jobs/{id}/best-model/predict/schema", { params: { path: { id } }, signal })),
  });
}

/**
 * What the model of a trial says about an input. A new input ends the request before it. While a person draws or types,
 * the answer before stays until the next one is there. No event of the study makes an answer outdated: a model never changes.
 *
 * @param winner Number of the best trial, whose model is asked at an address of its own.
 */
export function usePredict(id: string, trial: number | null, winner: number, input: TryInput | null) {
  return useQuery({
    queryKey: keys.predict(id, trial ?? 0, input?.key ?? ""),
    queryFn: ({ signal }) => predicted(id, trial ?? winner, winner, input as TryInput, signal),
    placeholderData: (before, query) => (isKept(query?.queryKey, trial, input) ? before : undefined),
    enabled: input !== null && trial !== null,
  });
}

/** Whether the answer before is still of use: the same model said it about an earlier state of the same drawing or text. */
function isKept(before: readonly unknown[] | undefined, trial: number | null, input: TryInput | null): boolean {
  const [, , trialBefore, keyBefore] = before ?? [];
  const kind = (key: unknown) => String(key).split(" ")[0] ?? "";
  const isChanged = input !== null && ["drawing", "text"].includes(kind(input.key));
  return isChanged && trialBefore === trial && kind(keyBefore) === kind(input.key);
}

async function predicted(
  id: string,
  trial: number,
  winner: number,
  input: TryInput,
  signal: AbortSignal,
): Promise<Prediction> {
  const body: Inputs =
    "value" in input ? { inputs: [input.value] } : { samples: { split: input.split, indices: [input.index] } };
  const answer = await ok(
    trial === winner
      ? api.POST("/jobs/{id}/best-model/predict", { params: { path: { id } }, body, signal })
      : api.POST("/jobs/{id}/trials/{n}/predict", { params: { path: { id, n: trial } }, body, signal }),
  );
  const first = answer.predictions[0];
  if (first === undefined) throw new Error("The server answered without a prediction.");
  return first;
}
