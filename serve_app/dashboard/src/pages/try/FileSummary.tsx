import { count, percent } from "../../model/format";
import { type PredictionSummary, summarySentence } from "../../model/try/predictionFile";
import { scrollHint } from "../../state/scrollHint";

/** What the model said about a file: a sentence and the first rows. The CSV has all of them. */
export function FileSummary({ summary }: { summary: PredictionSummary }) {
  const { first, rows } = summary;
  return (
    <>
      <p role="status" className="font-medium">
        {summarySentence(summary)}
      </p>
      {first.length > 0 && (
        <section
          ref={scrollHint}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus, so that arrow keys scroll it
          tabIndex={0}
          aria-label="First predictions"
          className="scroll-hint focus-ring max-h-80 overflow-auto rounded-button border border-line"
        >
          <table className="w-full text-[13px]">
            <thead className="sticky top-0 bg-surface text-left text-muted">
              <tr>
                <th scope="col" className="px-2 py-1 font-medium">
                  Input
                </th>
                <th scope="col" className="px-2 py-1 font-medium">
                  Class
                </th>
                <th scope="col" className="px-2 py-1 text-right font-medium">
                  Probability
                </th>
              </tr>
            </thead>
            <tbody>
              {first.map((row, place) => (
                <tr key={place} className="border-t border-line align-top">
                  <td className="max-w-[18rem] truncate px-2 py-1" title={row.input}>
                    {row.input}
                  </td>
                  <td className="px-2 py-1 break-words">
                    {row.problem === "" ? row.label : <span className="text-bad">{row.problem}</span>}
                    {row.unsure && <span className="ml-1 text-[12px] text-warn">unsure</span>}
                  </td>
                  <td className="px-2 py-1 text-right whitespace-nowrap">
                    {row.probability === null ? "–" : percent(row.probability)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {rows > first.length && (
        <p className="text-[12px] text-muted">
          The first {count(first.length)} of {count(rows)}. The CSV file has all of them, with all classes.
        </p>
      )}
    </>
  );
}
