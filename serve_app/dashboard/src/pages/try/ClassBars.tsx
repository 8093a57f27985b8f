import type { Prediction } from "../../api/shapes";
import { trialColor } from "../../charts/colors";
import { percent } from "../../model/format";

interface Props {
  prediction: Prediction;
  /** Classes in the order of their rows. */
  labels: readonly string[];
  trial: number;
}

/** The probability of each class as a bar and a number; the true class of a sample is marked. */
export function ClassBars({ prediction, labels, trial }: Props) {
  return (
    <table className="w-full table-fixed text-[13px]">
      <caption className="sr-only">Probability of each class, says trial {trial}</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Class</th>
          <th scope="col">Probability</th>
        </tr>
      </thead>
      <tbody>
        {labels.map((label) => {
          const share = prediction.probabilities[label] ?? 0;
          return (
            <tr key={label} data-class={label}>
              <th scope="row" className="w-2/5 py-1 pr-2 text-left font-normal break-words">
                {label}
                {label === prediction.truth && <span className="ml-1 text-[12px] text-good">✓ true class</span>}
              </th>
              <td className="py-1">
                <div className="flex items-center gap-2">
                  <div aria-hidden="true" className="h-2 min-w-0 flex-1 overflow-hidden rounded-full bg-sunken">
                    <div
                      className="h-full origin-left rounded-full transition-transform duration-200"
                      style={{ transform: `scaleX(${share})`, backgroundColor: trialColor(trial) }}
                    />
                  </div>
                  <span className="w-16 text-right whitespace-nowrap">{percent(share)}</span>
                </div>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
