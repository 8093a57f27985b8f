import { useMemo } from "react";
import { count } from "../../model/format";
import { matches, shownLines } from "../../model/logLines";
import { plural } from "../../model/sentence";
import { Panel, type PanelState } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { LogTools } from "./LogTools";
import { LogView } from "./LogView";
import { useFind } from "./useFind";
import { type FollowedLog, useLogFollow } from "./useLogFollow";

const flag = codecs.flag();
const text = codecs.text();

/** The study's log, live: find, errors only, wrapped lines. What is set stands in the address. */
export default function LogPage({ id }: { id: string }) {
  const log = useLogFollow(id);
  const [onlyErrors, setOnlyErrors] = useParam("errors", flag);
  const [unwrapped, setUnwrapped] = useParam("nowrap", flag);
  const [sought, setSought] = useParam("find", text);
  const lines = useMemo(() => shownLines(log.buffer.lines, onlyErrors), [log.buffer.lines, onlyErrors]);
  const found = useMemo(() => matches(lines, sought), [lines, sought]);
  const find = useFind(found);
  return (
    <div data-page="log">
      <Panel
        title="Log"
        question={questionOf(log, lines.length, onlyErrors)}
        state={stateOf(log)}
        flush
        actions={
          <LogTools
            id={id}
            sought={sought}
            onSought={setSought}
            found={found.length}
            at={find.at}
            onStep={find.step}
            onlyErrors={onlyErrors}
            onOnlyErrors={setOnlyErrors}
            wrapped={!unwrapped}
            onWrapped={(wrapped) => setUnwrapped(!wrapped)}
          />
        }
      >
        {lines.length > 0 ? (
          <LogView key={`${onlyErrors}`} lines={lines} sought={sought} wrapped={!unwrapped} target={find.target} />
        ) : (
          <p className="px-4 py-6 text-muted">
            {onlyErrors
              ? "No errors so far."
              : "The log is empty. Its first lines come when the study's process starts."}
          </p>
        )}
      </Panel>
    </div>
  );
}

function stateOf(log: FollowedLog): PanelState {
  if (log.error !== null && !log.ready) return { kind: "error", error: log.error, retry: log.retry };
  if (!log.ready) return { kind: "loading", retry: log.retry };
  if (log.error !== null)
    return { kind: "partial", text: "The latest lines cannot be read now. They come with the next event." };
  return { kind: "ready" };
}

function questionOf(log: FollowedLog, shown: number, onlyErrors: boolean): string {
  if (!log.ready) return "What did the study do?";
  const lines = onlyErrors
    ? `${plural(shown, "line")} with errors of ${count(log.buffer.lines.length)}`
    : plural(shown, "line");
  return log.buffer.cut ? `The last ${lines}. “Download” has all. Times are UTC.` : `${lines}. Times are UTC.`;
}
