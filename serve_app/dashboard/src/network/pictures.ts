/** Pictures as PNG files, drawn on a canvas of their own: the scene or the flat drawing with title, labels and legend. */
import { LINE_HEIGHT, type PlacedLabel } from "./labels";
import { FOOT, HEAD, legendParts, type Surroundings } from "./svgFile";

/** Pixels of a PNG for each one of the page, so that it is sharp in print. */
const SHARPNESS = 2;

/** The scene was rendered right before: a WebGL canvas keeps its picture only until the browser shows it. */
export function scenePng(
  scene: HTMLCanvasElement,
  width: number,
  height: number,
  labels: readonly PlacedLabel[],
  around: Surroundings,
): Promise<Blob> {
  const { canvas, context } = sheet(width, height + HEAD + FOOT, around.background);
  context.drawImage(scene, 0, HEAD, width, height);
  context.textAlign = "center";
  for (const { x, y, lines } of labels) {
    lines.forEach((line, row) => {
      context.fillStyle = row === 0 ? around.text : around.muted;
      context.fillText(line, x, HEAD + y + (row + 0.8) * LINE_HEIGHT);
    });
  }
  context.textAlign = "left";
  for (const { x, colour, text } of legendParts(around)) {
    const y = height + HEAD + FOOT / 2;
    if (colour !== null) {
      context.fillStyle = colour;
      context.fillRect(x, y - 5, 10, 10);
    }
    context.fillStyle = colour === null ? around.muted : around.text;
    context.fillText(text, colour === null ? x : x + 16, y + 4);
  }
  context.fillStyle = around.text;
  context.font = "14px system-ui, sans-serif";
  context.fillText(around.title, 16, 22);
  return blobOf(canvas);
}

/** The SVG file as a PNG. */
export async function svgPng(svg: string, width: number, height: number, background: string): Promise<Blob> {
  const image = new Image();
  const loaded = new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = () => reject(new Error("The browser cannot draw the picture."));
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await loaded;
  const { canvas, context } = sheet(width, height + HEAD + FOOT, background);
  context.drawImage(image, 0, 0, width, height + HEAD + FOOT);
  return blobOf(canvas);
}

function sheet(width: number, height: number, background: string) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * SHARPNESS);
  canvas.height = Math.round(height * SHARPNESS);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser cannot draw the picture.");
  context.scale(SHARPNESS, SHARPNESS);
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  return { canvas, context };
}

function blobOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("The browser cannot save the picture."))),
      "image/png",
    ),
  );
}
