import { Sheet } from "../../parts";
import { TrialContent } from "./panel/TrialContent";
import { useFocusReturn } from "./panel/useFocusReturn";

/** One trial beside its list: the list stays usable, Escape closes the panel, J and K step through the list. */
export default function TrialPanel({ id, number, onClose }: { id: string; number: number; onClose: () => void }) {
  useFocusReturn(number);
  return (
    <Sheet open onClose={onClose} title={`Trial ${number}`}>
      <TrialContent id={id} number={number} />
    </Sheet>
  );
}
