import { trialColor } from "../../charts/colors";
import { writeNumbers } from "../../model/compare/chosen";
import { studyLink } from "../../model/sentence";
import { useParam, writeParams } from "../../state/url";
import { CompareBar } from "../compare/CompareBar";
import { TRIALS, toggleCompared } from "../compare/choice";

/** The trials of this list that were chosen for comparing. They are in the address. */
export function TrialCompareBar({ id }: { id: string }) {
  const [numbers] = useParam("compare", TRIALS);
  return (
    <CompareBar
      one="trial"
      many="trials"
      items={numbers.map((number) => ({ key: number, label: `Trial ${number}`, color: trialColor(number) }))}
      href={studyLink(id, "compare", { t: writeNumbers(numbers) })}
      onRemove={(number) => toggleCompared(Number(number))}
      onClear={() => writeParams({ compare: null })}
    />
  );
}
