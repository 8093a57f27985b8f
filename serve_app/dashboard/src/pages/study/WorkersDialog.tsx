import { type FormEvent, useState } from "react";
import { usePatchStudy } from "../../api/useChanges";
import { studyChanged } from "../../live/changes";
import { readWorkers, workersText } from "../../model/studyNotes";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { ErrorNote } from "../../parts/ErrorNote";
import { Field, inputClass } from "../../parts/Field";

/** Changes how many trials of a running study train at the same time. */
export default function WorkersDialog(props: { id: string; workers: number | null; onClose: () => void }) {
  const { id, workers, onClose } = props;
  const [text, setText] = useState(workers === null ? "" : String(workers));
  const patch = usePatchStudy(id);
  const next = readWorkers(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (next === null) return;
    const change = { concurrent_workers: next };
    patch.mutate(change, {
      onSuccess: () => {
        studyChanged(id, change);
        onClose();
      },
    });
  };
  return (
    <Dialog open onClose={onClose} title="Workers" description="The change takes effect within seconds.">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Trials at the same time"
          hint={next === null ? undefined : workersText(workers, next)}
          error={next === null && text.trim() !== "" ? "A whole number from 1." : null}
        >
          {(ids) => (
            <input
              {...ids}
              type="number"
              inputMode="numeric"
              min={1}
              step={1}
              value={text}
              placeholder="automatic"
              onChange={(event) => setText(event.target.value)}
              className={inputClass}
            />
          )}
        </Field>
        {patch.isError && <ErrorNote error={patch.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" kind="primary" busy={patch.isPending} disabled={next === null || next === workers}>
            Change
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
