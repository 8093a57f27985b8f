import { type FormEvent, useState } from "react";
import { useResumeStudy } from "../../api/useStudyActions";
import { count } from "../../model/format";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { ErrorNote } from "../../parts/ErrorNote";
import { Field, inputClass } from "../../parts/Field";
import type { Head } from "./useHead";

const MOST = 100_000;

/** Adds trials to a study that has ended, and resumes it. */
export default function MoreTrialsDialog({ id, head, onClose }: { id: string; head: Head; onClose: () => void }) {
  const resume = useResumeStudy(id);
  const [text, setText] = useState(String(Math.max(1, Math.round(head.totalTrials / 2))));
  const more = Number(text);
  const total = head.totalTrials + more;
  const invalid =
    !Number.isInteger(more) || more < 1
      ? "A whole number from 1."
      : total > MOST
        ? `A study has at most ${count(MOST)} trials.`
        : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (invalid === null) resume.mutate(total, { onSuccess: onClose });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="More trials"
      description={`The search goes on with what it learned from ${count(head.performedTrials)} trials.`}
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Trials to add"
          hint={invalid === null ? `The study then has ${count(total)} trials.` : undefined}
          error={invalid}
        >
          {(ids) => (
            <input
              {...ids}
              type="number"
              inputMode="numeric"
              min={1}
              max={MOST}
              step={1}
              value={text}
              onChange={(event) => setText(event.target.value)}
              className={inputClass}
            />
          )}
        </Field>
        {resume.isError && <ErrorNote error={resume.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" kind="good" busy={resume.isPending} disabled={invalid !== null}>
            Add and resume
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
