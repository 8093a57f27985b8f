import { type FormEvent, useState } from "react";
import { usePatchStudy } from "../../api/useChanges";
import { studyChanged } from "../../live/changes";
import { type Notes, noteFault, notesChange, readTags, tagsFault } from "../../model/studyNotes";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { ErrorNote } from "../../parts/ErrorNote";
import { Field, inputClass } from "../../parts/Field";

/** Edits the note and the tags of a study. Only what was changed is sent. */
export default function NoteDialog({ id, notes, onClose }: { id: string; notes: Notes; onClose: () => void }) {
  const [note, setNote] = useState(notes.note ?? "");
  const [typed, setTyped] = useState(notes.tags.join(", "));
  const patch = usePatchStudy(id);
  const tags = readTags(typed);
  const faults = { note: noteFault(note), tags: tagsFault(tags) };
  const invalid = faults.note !== null || faults.tags !== null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (invalid) return;
    const change = notesChange(notes, note, tags);
    if (change === null) onClose();
    else
      patch.mutate(change, {
        onSuccess: () => {
          studyChanged(id, change);
          onClose();
        },
      });
  };
  return (
    <Dialog open onClose={onClose} title="Note and tags" description="Everybody who opens this study sees them.">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Note" error={faults.note}>
          {(ids) => (
            <textarea
              {...ids}
              rows={6}
              value={note}
              placeholder="What this study is for, and what came of it"
              onChange={(event) => setNote(event.target.value)}
              className={`${inputClass} !h-auto resize-y py-2`}
            />
          )}
        </Field>
        <Field
          label="Tags"
          hint="Separate them by commas. The history can show the studies with one tag."
          error={faults.tags}
        >
          {(ids) => (
            <input
              {...ids}
              value={typed}
              autoComplete="off"
              placeholder="baseline, small data"
              onChange={(event) => setTyped(event.target.value)}
              className={inputClass}
            />
          )}
        </Field>
        {patch.isError && <ErrorNote error={patch.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" kind="primary" busy={patch.isPending} disabled={invalid}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
