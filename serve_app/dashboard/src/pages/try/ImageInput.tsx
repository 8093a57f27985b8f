import { useEffect, useState } from "react";
import { Button, ErrorNote, Field } from "../../parts";
import { FileDrop } from "../data/FileDrop";
import { squares } from "../data/SampleGrid";
import { type Photo, photoOf } from "./imageFile";

/** An image file: dropped, chosen (on a phone: taken), or pasted. */
export function ImageInput({ photo, onPhoto }: { photo: Photo | null; onPhoto: (photo: Photo | null) => void }) {
  const [fault, setFault] = useState<unknown>(null);
  const [unshown, setUnshown] = useState("");
  const take = async (file: File) => {
    try {
      onPhoto(await photoOf(file));
      setFault(null);
    } catch (error) {
      setFault(error);
    }
  };
  usePastedImage(take);
  return (
    <div className="flex flex-col gap-3">
      <Field label="Image" hint="Choose it, drop it here, or paste it with Ctrl+V.">
        {(ids) => <FileDrop {...ids} accept={["image/*"]} onFile={(file) => void take(file)} />}
      </Field>
      {fault !== null && <ErrorNote error={fault} />}
      {photo !== null && (
        <figure className="flex flex-wrap items-end gap-3">
          {unshown === photo.key ? (
            <p className="text-muted">This browser cannot show this kind of image. The model may still read it.</p>
          ) : (
            <img
              src={photo.value}
              alt="The chosen file"
              onLoad={squares}
              onError={() => setUnshown(photo.key)}
              className="max-h-60 min-h-24 max-w-full rounded-button border border-line object-contain"
            />
          )}
          <figcaption className="flex flex-wrap items-center gap-3 text-[12px] break-all text-muted">
            {photo.name}
            <Button size="small" onClick={() => onPhoto(null)}>
              Remove
            </Button>
          </figcaption>
        </figure>
      )}
    </div>
  );
}

/** Takes an image from the clipboard wherever on the page it is pasted. */
function usePastedImage(take: (file: File) => Promise<void>): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
      if (file === undefined) return;
      event.preventDefault();
      void take(file);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  });
}
