import { type ComponentProps, type DragEvent, useRef, useState } from "react";

interface Props extends Omit<ComponentProps<"input">, "type" | "accept" | "onChange" | "className"> {
  /** Suffixes or media types. */
  accept: readonly string[];
  onFile: (file: File) => void;
}

/** The browser's own choice of a file, on a surface that also takes a file that is dropped on it. */
export function FileDrop({ accept, onFile, disabled = false, ...rest }: Props) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file === undefined || disabled) return;
    if (input.current !== null) input.current.files = event.dataTransfer.files; // so that it says the file's name
    onFile(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is a second way; the input takes the keyboard
    <div
      data-drop
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`rounded-button border border-dashed p-3 ${over ? "border-accent bg-accent-soft" : "border-line bg-surface"}`}
    >
      <input
        {...rest}
        ref={input}
        type="file"
        onClick={(event) => {
          event.currentTarget.value = ""; // so that the same file can be chosen again after it was changed
        }}
        disabled={disabled}
        accept={accept.join(",")}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file !== undefined) onFile(file);
        }}
        className="focus-ring w-full min-w-0 text-[13px] text-muted file:mr-3 file:h-9 file:cursor-pointer file:rounded-button file:border file:border-line file:bg-surface file:px-3 file:text-main"
      />
    </div>
  );
}
