import { useMemo } from "react";
import { useJob } from "../../api/useJob";
import { useOptions } from "../../api/useOptions";
import { commandOf } from "../../model/specCommand";
import { copied } from "../../model/specCopy";
import { optionsDocument } from "../../model/specDocument";
import { specOf } from "../../model/specDraft";
import type { Scalar } from "../../model/specSpace";
import { ofTrial } from "../../model/specTrial";
import { ButtonLink, CopyButton } from "../../parts";

interface Props {
  id: string;
  number: number;
  hyperparameters: Readonly<Record<string, Scalar>>;
}

/** One network once more: in the form of a new study, or from a terminal. */
export function RunAgain(props: Props) {
  return (
    <div className="flex flex-wrap gap-2">
      <ButtonLink size="small" href={`/new?from=${encodeURIComponent(props.id)}&trial=${props.number}`}>
        Run again
      </ButtonLink>
      <CopyCommand {...props} />
    </div>
  );
}

/** The command that trains one network with exactly these hyperparameters; nothing until the study's spec is known. */
export function CopyCommand({ id, hyperparameters }: Omit<Props, "number">) {
  const spec = useJob(id).data?.spec;
  const options = useOptions().data;
  const command = useMemo(() => {
    if (!spec || !options) return null;
    const { fields } = optionsDocument(options);
    return commandOf(specOf(ofTrial(copied(spec, fields), hyperparameters), fields), fields);
  }, [spec, options, hyperparameters]);
  return command === null ? null : <CopyButton text={command} label="Copy as command" />;
}
