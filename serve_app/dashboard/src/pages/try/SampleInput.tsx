import type { Split } from "../../api/shapes";
import { SampleBrowser } from "../data/SampleBrowser";

interface Props {
  id: string;
  splits: readonly Split[];
  /** Whether the winner alone is asked. */
  onlyWinner: boolean;
  /** What to know about answers on validation samples; null: nothing. */
  warning: string | null;
  chosen: number | null;
  onChoose: (split: Split, index: number) => void;
}

/** The study's samples: those of the validation data, and for the winner those of the test data. */
export function SampleInput({ id, splits, onlyWinner, warning, chosen, onChoose }: Props) {
  return (
    <SampleBrowser
      of={{ study: id }}
      splits={splits}
      question="Which sample should the model classify?"
      chosen={chosen}
      onChoose={onChoose}
      note={
        <>
          {warning !== null && <p className="mb-3 text-[12px] text-warn">{warning}</p>}
          {!onlyWinner && (
            <p className="mb-3 text-[12px] text-muted">
              Test samples are for the winner only, so that no other trial is chosen by them.
            </p>
          )}
        </>
      }
    />
  );
}
