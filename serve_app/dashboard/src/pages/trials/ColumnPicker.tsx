import { Columns3 } from "lucide-react";
import { Popover } from "radix-ui";
import { chosenColumns, type TrialColumn } from "../../model/trialColumns";
import { toggled, writeColumns } from "../../model/trialView";
import { Button } from "../../parts";
import { writeParams } from "../../state/url";

/** Chooses the columns of the table. They are in the address, so that a link shows the same table. */
export function ColumnPicker({ columns, keys }: { columns: readonly TrialColumn[]; keys: readonly string[] }) {
  const chosen = chosenColumns(columns, keys).map((column) => column.key);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button>
          <Columns3 aria-hidden="true" className="size-4" />
          Columns
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Columns of the table"
          className="z-40 flex max-h-[60dvh] w-64 flex-col overflow-y-auto rounded-panel border border-line bg-raised p-2 shadow-lg"
        >
          {columns.map((column) => (
            <label key={column.key} className="flex min-h-8 items-center gap-2 rounded-button px-2 hover:bg-sunken">
              <input
                type="checkbox"
                checked={chosen.includes(column.key)}
                onChange={() => writeParams(writeColumns(toggled(chosen, column.key)))}
                className="size-4 accent-[var(--accent)]"
              />
              <span className="min-w-0 flex-1 break-words">{column.label}</span>
            </label>
          ))}
          <Button
            size="small"
            className="mt-1"
            disabled={keys.length === 0}
            onClick={() => writeParams(writeColumns([]))}
          >
            Reset columns
          </Button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
