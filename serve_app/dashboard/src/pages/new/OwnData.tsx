import { useQueryClient } from "@tanstack/react-query";
import { keys } from "../../api/keys";
import { ownDataCommands } from "../../model/specDatasets";
import { Button, ButtonLink, CopyButton } from "../../parts";

/** How to bring data of one's own into the list. */
export function OwnData() {
  const queries = useQueryClient();
  const { add, upload } = ownDataCommands(window.location.origin);
  return (
    <details className="min-w-0 text-[12px] text-muted">
      <summary className="focus-ring cursor-pointer self-start rounded-button text-accent">Use your own data</summary>
      <div className="mt-2 flex flex-col gap-3 rounded-button bg-sunken p-3">
        <p>
          Images: a folder with one subfolder per class. Texts: a table (.csv, .tsv, .jsonl, .parquet) with the columns
          text and label. Both: an .npz file with the arrays x and y.
        </p>
        <ButtonLink size="small" href="/data?upload=1" className="self-start">
          Upload it from this browser
        </ButtonLink>
        <Command title="On the server’s machine" command={add} />
        <Command title="From another machine" command={upload} />
        <div className="flex flex-wrap items-center justify-between gap-2">
          <p>Then it is in the list.</p>
          <Button size="small" onClick={() => void queries.invalidateQueries({ queryKey: keys.datasets })}>
            Read the list again
          </Button>
        </div>
      </div>
    </details>
  );
}

function Command({ title, command }: { title: string; command: string }) {
  return (
    <div className="min-w-0">
      <div className="mb-1 flex items-center justify-between gap-2">
        <p className="font-medium">{title}</p>
        <CopyButton text={command} />
      </div>
      <code className="block break-all whitespace-pre-wrap text-main">{command}</code>
    </div>
  );
}
