/** A figure on the page as a file: SVG with the colours of the theme written out, and PNG drawn from it. */

const SHARPNESS = 2;
const HEAD = 30;

export interface FigureFile {
  text: string;
  width: number;
  height: number;
}

/** The figure as the text of an SVG file, with its title above it: it needs neither page nor style sheet. */
export function figureSvg(svg: SVGSVGElement, title: string): FigureFile {
  const width = Math.max(1, Number(svg.getAttribute("width")));
  const height = Number(svg.getAttribute("height"));
  const inner = [...svg.childNodes].map((node) => new XMLSerializer().serializeToString(node)).join("\n");
  const style = getComputedStyle(svg);
  const text = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + HEAD}" viewBox="0 0 ${width} ${height + HEAD}" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    '<rect width="100%" height="100%" fill="var(--surface)"/>',
    `<text x="8" y="20" font-size="14" fill="var(--main)">${escaped(title)}</text>`,
    `<g transform="translate(0 ${HEAD})">${inner}</g>`,
    "</svg>",
  ].join("\n");
  return { text: withColours(text, (name) => style.getPropertyValue(name).trim()), width, height: height + HEAD };
}

/** Every `var(--name)` replaced by its colour. */
export function withColours(text: string, colour: (name: string) => string): string {
  return text.replace(/var\((--[\w-]+)\)/g, (_, name: string) => colour(name) || "#808080");
}

const escaped = (text: string): string => text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

export async function figurePng(file: FigureFile): Promise<Blob> {
  const image = new Image();
  const loaded = new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = () => reject(new Error("The browser cannot draw the figure."));
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(file.text)}`;
  await loaded;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(file.width * SHARPNESS);
  canvas.height = Math.round(file.height * SHARPNESS);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser cannot draw the figure.");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("The browser cannot save the figure."))),
      "image/png",
    ),
  );
}
