import type { components } from "../../api/generated/openapi";
import { asSentence } from "../../model/sentence";
import { Panel } from "../../parts";

type Note = components["schemas"]["Note"];

const TITLES: Readonly<Record<Note["kind"], string>> = {
  warning: "Warning",
  left_out: "Left out",
  changed: "Changed",
  read: "Note",
};
const ORDER: readonly Note["kind"][] = ["warning", "left_out", "changed", "read"];

/** What was left out, changed or looks wrong in a data set, the most important first. */
export function Notes({ notes }: { notes: readonly Note[] }) {
  const sorted = [...notes].sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
  return (
    <Panel title="Notes on the data" question="Was anything left out or changed?">
      <ul className="flex flex-col gap-1.5">
        {sorted.map((note) => (
          <li key={`${note.kind} ${note.text}`} className="break-words">
            <span className={`font-medium ${note.kind === "warning" ? "text-warn" : ""}`}>{TITLES[note.kind]}: </span>
            {asSentence(note.text)}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
