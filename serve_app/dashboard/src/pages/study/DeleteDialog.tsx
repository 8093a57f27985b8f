import { useLocation } from "wouter";
import { useFreshJob } from "../../api/useJob";
import { useDeleteStudy } from "../../api/useStudyActions";
import { bytes } from "../../model/format";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { ErrorNote } from "../../parts/ErrorNote";

interface Props {
  id: string;
  /** Why it cannot be deleted now; null: it can. */
  refusal: string | null;
  onClose: () => void;
}

/** Asks before a study is deleted, and says what that frees. */
export default function DeleteDialog({ id, refusal, onClose }: Props) {
  const [, navigate] = useLocation();
  const remove = useDeleteStudy(id);
  const job = useFreshJob(id);
  const run = () => remove.mutate(undefined, { onSuccess: () => navigate("/") });
  const size = job.data?.disk_bytes;
  const frees =
    size === undefined
      ? "Its size is being measured."
      : size === null
        ? "Its files are not on this machine."
        : `This frees ${bytes(size)}.`;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Delete this study?"
      description={`${id} is deleted with its trials, its model, its log and its files. This cannot be undone.`}
    >
      {refusal === null ? <p>{frees}</p> : <p className="rounded-button bg-warn-soft px-3 py-2 text-warn">{refusal}</p>}
      {remove.isError && <ErrorNote error={remove.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="danger" busy={remove.isPending} disabled={refusal !== null} onClick={run}>
          Delete
        </Button>
      </div>
    </Dialog>
  );
}
