/** An image file of a person as the server takes it. */

export interface Photo {
  /** Differs between files, also of one name. */
  key: string;
  name: string;
  /** The file as a data URL. */
  value: string;
}

/** The server takes bodies of 8 MB; base64 adds a third. Larger photos of a camera are made smaller here. */
const MOST_BYTES = 4_000_000;
const LONGEST_SIDE = 1600;
let read = 0;

/** Reads a file. Raises an error with a plain message if it is too large and cannot be made smaller. */
export async function photoOf(file: File): Promise<Photo> {
  const content = file.size > MOST_BYTES ? await smaller(file) : file;
  read += 1;
  return { key: `image ${read} ${file.name}`, name: file.name || "Pasted image", value: await dataUrl(content) };
}

async function smaller(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name} is larger than 4 MB, and this browser cannot make it smaller.`);
  });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error(`${file.name} cannot be made smaller.`)) : resolve(blob)),
      "image/jpeg",
      0.92,
    ),
  );
}

function dataUrl(content: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error("The file cannot be read."));
    reader.readAsDataURL(content);
  });
}
