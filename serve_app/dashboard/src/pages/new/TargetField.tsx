import { CircleHelp } from "lucide-react";
import { Popover } from "radix-ui";
import { useId } from "react";
import { type Target, targetOf, withTarget } from "../../model/specDraft";
import { buttonClass } from "../../parts";
import { useForm } from "./form";

const TARGETS: readonly { value: Target; title: string; text: string }[] = [
  { value: "simple", title: "Accuracy", text: "Finds the network that is right most often." },
  {
    value: "health",
    title: "Accuracy + model health",
    text: "Also prefers networks whose training is sound.",
  },
  { value: "pareto", title: "Pareto", text: "Shows the best trade-offs of accuracy and health." },
];

/** What the search looks for. */
export function TargetField() {
  const { draft, errors, change } = useForm();
  const name = useId();
  const chosen = targetOf(draft);
  const error = errors.get("mode");
  return (
    <div data-field="mode" className="min-w-0">
      <div className="mb-1 flex flex-wrap items-center justify-between gap-x-2">
        <span id={`${name}-label`} className="text-[12px] font-medium text-muted">
          Target
        </span>
        <HealthTip />
      </div>
      <div role="radiogroup" aria-labelledby={`${name}-label`} className="grid gap-2 @lg:grid-cols-3">
        {TARGETS.map(({ value, title, text }) => (
          <label
            key={value}
            className={`relative flex cursor-pointer flex-col gap-0.5 rounded-button border p-3 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent ${
              value === chosen ? "border-accent bg-accent-soft" : "border-line bg-surface hover:bg-sunken"
            }`}
          >
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === chosen}
              onChange={() => change((before) => withTarget(before, value))}
              className="sr-only"
            />
            <span className="font-medium">{title}</span>
            <span className="text-[12px] text-muted">{text}</span>
          </label>
        ))}
      </div>
      {error && (
        <p role="alert" className="mt-1 text-[12px] text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

/** Opens by click and by keyboard, so that its link can be reached with both and on a phone. */
function HealthTip() {
  return (
    <Popover.Root>
      <Popover.Trigger className={buttonClass("ghost", "small")}>
        <CircleHelp aria-hidden="true" className="size-3.5" />
        What is model health?
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          sideOffset={4}
          collisionPadding={8}
          aria-label="What model health is"
          className="z-50 w-80 max-w-[calc(100vw-16px)] rounded-panel border border-line bg-raised p-4 text-[13px] text-main shadow-lg"
        >
          <p>
            A healthy network uses most of its units, its loss falls steadily, and its gradients neither vanish nor
            explode. Health measures this from 0 to 100 %, in six parts, because a network can score well by luck while
            its training is fragile.
          </p>
          <a
            href="https://cs231n.github.io/neural-networks-3/#baby"
            target="_blank"
            rel="noreferrer"
            className="focus-ring mt-2 inline-block text-accent underline"
          >
            CS231n: babysitting the learning process
          </a>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
