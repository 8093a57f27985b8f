import { type FormEvent, useState } from "react";
import { useJob } from "../../api/useJob";
import { useResumeStudy } from "../../api/useStudyActions";
import { count, duration } from "../../model/format";
import { plural } from "../../model/sentence";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { ErrorNote } from "../../parts/ErrorNote";
import { Field, inputClass } from "../../parts/Field";
import type { Head } from "./useHead";

const MOST = 100_000;

interface Props {
  id: string;
  head: Head;
  onClose: () => void;
}

/** Resumes a study that has ended: with more trials, or for its time budget once more. */
export default function MoreTrialsDialog(props: Props) {
  const budgetS = useJob(props.id).data?.spec.time_budget_s ?? null;
  const timed = budgetS !== null && props.head.performedTrials < props.head.totalTrials;
  return (
    <Dialog
      open
      onClose={props.onClose}
      title="More trials"
      description={`The search goes on with what it learned from ${plural(props.head.performedTrials, "trial")}.`}
    >
      {timed ? <MoreTime {...props} budgetS={budgetS} /> : <MoreTrials {...props} />}
    </Dialog>
  );
}

/** A run of a study ends with its time budget, so each resume has the whole budget. */
function MoreTime({ id, budgetS, onClose }: Omit<Props, "head"> & { budgetS: number }) {
  const resume = useResumeStudy(id);
  const time = duration(budgetS);
  return (
    <>
      <p>
        This study has a time budget: it searches for another {time}, with as many trials as fit. For a longer search,
        run it again with a larger time budget.
      </p>
      {resume.isError && <ErrorNote error={resume.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Close</Button>
        <Button kind="good" busy={resume.isPending} onClick={() => resume.mutate(null, { onSuccess: onClose })}>
          Search for another {time}
        </Button>
      </div>
    </>
  );
}

function MoreTrials({ id, head, onClose }: Props) {
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
  );
}
