import { X } from "lucide-react";
import { Link } from "wouter";
import { trialColor } from "../../charts";
import { MOST_COMPARED, writeNumbers } from "../../model/compare/chosen";
import { Button, Select } from "../../parts";
import { writeParams } from "../../state/url";
import type { Choice } from "../network/choices";
import { useTrialHref } from "../trials/trialHref";

function choose(numbers: readonly number[]): void {
  writeParams({ t: writeNumbers(numbers) }, { push: true });
}

/** The compared trials with their colours, each can be taken away; and a list to add one. */
export function TrialChips({ numbers, choices }: { numbers: readonly number[]; choices: readonly Choice[] }) {
  const href = useTrialHref();
  const free = choices.filter(({ value }) => !numbers.includes(Number(value)));
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      <ul aria-label="Compared trials" className="flex min-w-0 flex-wrap gap-2">
        {numbers.map((number) => (
          <li
            key={number}
            data-compared={number}
            className="flex h-9 items-center gap-2 rounded-button border border-line bg-surface pl-3"
          >
            <span
              aria-hidden="true"
              className="size-2.5 rounded-full"
              style={{ backgroundColor: trialColor(number) }}
            />
            <Link href={href(number)} className="focus-ring rounded font-medium hover:underline">
              Trial {number}
            </Link>
            <Button
              kind="ghost"
              size="icon"
              aria-label={`Do not compare trial ${number}`}
              onClick={() => choose(numbers.filter((other) => other !== number))}
            >
              <X aria-hidden="true" className="size-4" />
            </Button>
          </li>
        ))}
      </ul>
      {numbers.length < MOST_COMPARED && free.length > 0 && (
        <Select
          aria-label="Add a trial to the comparison"
          value=""
          options={[{ value: "", label: "Add a trial" }, ...free]}
          onChange={(value) => value !== "" && choose([...numbers, Number(value)])}
          className="max-w-56"
        />
      )}
    </div>
  );
}
