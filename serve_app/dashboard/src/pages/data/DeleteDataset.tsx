import { useLocation } from "wouter";
import { useDeleteDataset } from "../../api/useUpload";
import { Button, Dialog, ErrorNote } from "../../parts";

/** Asks before an uploaded data set is deleted. */
export function DeleteDataset({ name, onClose }: { name: string; onClose: () => void }) {
  const [, navigate] = useLocation();
  const remove = useDeleteDataset();
  return (
    <Dialog
      open
      onClose={onClose}
      title="Delete this data set?"
      description={`${name} is deleted from the server. Studies on it stay with their models, but they cannot be resumed. This cannot be undone.`}
    >
      {remove.isError && <ErrorNote error={remove.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Keep it</Button>
        <Button
          kind="danger"
          busy={remove.isPending}
          onClick={() => remove.mutate(name, { onSuccess: () => navigate("/data") })}
        >
          Delete
        </Button>
      </div>
    </Dialog>
  );
}
