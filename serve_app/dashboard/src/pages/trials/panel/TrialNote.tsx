import { type FormEvent, useState } from "react";
import { usePatchTrial } from "../../../api/useChanges";
import { trialChanged } from "../../../live/changes";
import { noteFault } from "../../../model/studyNotes";
import { Button, ErrorNote, Field, inputClass, Panel } from "../../../parts";

/** What people wrote about a trial; everybody who opens the study sees it. */
export function TrialNote({ id, number, note }: { id: string; number: number; note: string }) {
  const [draft, setDraft] = useState<string | null>(null);
  const edits = draft !== null;
  return (
    <Panel
      title="Note"
      state={note === "" && !edits ? { kind: "empty", text: "No note yet." } : undefined}
      actions={
        !edits && (
          <Button size="small" onClick={() => setDraft(note)}>
            {note === "" ? "Write a note" : "Edit"}
          </Button>
        )
      }
    >
      {edits ? (
        <Editor id={id} number={number} note={note} draft={draft} onDraft={setDraft} />
      ) : (
        <p className="break-words whitespace-pre-wrap">{note}</p>
      )}
    </Panel>
  );
}

interface EditorProps {
  id: string;
  number: number;
  note: string;
  draft: string;
  /** Null: the editor closes. */
  onDraft: (draft: string | null) => void;
}

function Editor({ id, number, note, draft, onDraft }: EditorProps) {
  const patch = usePatchTrial(id, number);
  const fault = noteFault(draft);
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (fault !== null) return;
    const change = { note: draft.trim() === "" ? null : draft };
    if (draft === note) return onDraft(null);
    patch.mutate(change, {
      onSuccess: () => {
        trialChanged(id, number, change);
        onDraft(null);
      },
    });
  };
  return (
    <form onSubmit={save} className="flex flex-col gap-2">
      <Field label={`Note about trial ${number}`} error={fault}>
        {(ids) => (
          <textarea
            {...ids}
            rows={4}
            value={draft}
            placeholder="What is special about this trial"
            onChange={(event) => onDraft(event.target.value)}
            onKeyDown={(event) => {
              // Escape would close the whole panel.
              if (event.key === "Escape") event.stopPropagation();
            }}
            className={`${inputClass} !h-auto resize-y py-2`}
          />
        )}
      </Field>
      {patch.isError && <ErrorNote error={patch.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button size="small" onClick={() => onDraft(null)}>
          Discard
        </Button>
        <Button size="small" type="submit" kind="primary" busy={patch.isPending} disabled={fault !== null}>
          Save
        </Button>
      </div>
    </form>
  );
}
