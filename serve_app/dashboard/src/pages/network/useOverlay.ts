import { useMemo } from "react";
import { useTrial } from "../../api/useTrial";
import type { LayerBox } from "../../network/types";
import { type PanelState, panelState } from "../../parts/Panel";
import { useWhatIfParam, useWithParam } from "./address";
import { type Overlay, overlayOf } from "./overlay";
import { useWhatIf } from "./useWhatIf";

interface Shown {
  trial_number: number;
  hyperparameters: Readonly<Record<string, string | number | boolean>>;
  visualization: { layers: readonly LayerBox[] } | null;
}

const NONE: readonly LayerBox[] = [];

/** What is laid over the network of a trial: that of a second trial, or itself with other hyperparameters. */
export function useOverlay(id: string, trial: Shown | undefined, spec: unknown) {
  const [open, setOpen] = useWhatIfParam();
  const [named, setNamed] = useWithParam();
  const other = named === trial?.trial_number || open ? null : named;
  const query = useTrial(id, other);
  const whatIf = useWhatIf(id, spec, trial?.hyperparameters, open);
  const layers = trial?.visualization?.layers ?? NONE;
  const second = open ? whatIf.estimate?.layers : query.data?.visualization?.layers;
  const firstName = `trial ${trial?.trial_number}`;
  const overlay: Overlay | null = useMemo(
    () =>
      (open || other !== null) && second && layers.length > 0 ? overlayOf(layers, second, firstName, !open) : null,
    [open, other, second, layers, firstName],
  );
  return {
    kind: open ? ("what-if" as const) : other === null ? ("none" as const) : ("with" as const),
    overlay,
    other,
    second: query.data ?? null,
    state: otherState(query, other, second !== undefined),
    whatIf,
    setOpen: (next: boolean) => setOpen(next, { push: true }),
    choose: (next: number | null) => setNamed(next, { push: true }),
  };
}

function otherState(query: ReturnType<typeof useTrial>, other: number | null, built: boolean): PanelState | undefined {
  if (other === null) return undefined;
  if (query.isSuccess && !built)
    return { kind: "empty", text: `Trial ${other} has no network: it has not been built.` };
  return panelState(query);
}
