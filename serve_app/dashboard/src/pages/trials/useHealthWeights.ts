import { useJob } from "../../api/useJob";
import type { HealthWeights } from "../../model/trialHealth";

/** The weights of the health metrics in a study; null: not known yet. */
export function useHealthWeights(id: string): HealthWeights | null {
  return useJob(id).data?.spec?.health_weights ?? null;
}
