/** A flat picture as the text of an SVG file, with its title and its legend: it needs neither page nor style sheet. */
import type { Band } from "./colours";
import type { FlatBounds, Mark } from "./drawing";
import type { FlatPicture } from "./flatPicture";
import { LINE_HEIGHT } from "./labels";

export interface Surroundings {
  title: string;
  /** What the colours show: it stands before the legend. */
  legendTitle: string;
  legend: readonly Band[];
  background: string;
  text: string;
  muted: string;
}

export const HEAD = 34;
export const FOOT = 40;
const FONT = "system-ui, sans-serif";

export function svgFile(picture: FlatPicture, around: Surroundings): string {
  const { width, height, transform } = picture;
  const place = `translate(${transform.x} ${transform.y}) scale(${transform.scale})`;
  const drawing = [...picture.links, ...picture.blocks.flatMap(({ marks }) => marks)].map(markText).join("");
  const labels = picture.labels.flatMap(({ x, y, lines }) =>
    lines.map((line, row) => label(line, x, y + (row + 0.8) * LINE_HEIGHT, row === 0 ? around.text : around.muted)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + HEAD + FOOT}" viewBox="0 0 ${width} ${height + HEAD + FOOT}" font-family="${FONT}">`,
    `<title>${escaped(around.title)}</title>`,
    `<rect width="100%" height="100%" fill="${around.background}"/>`,
    label(around.title, 16, 22, around.text, "start", 14),
    `<g transform="translate(0 ${HEAD})"><g transform="${place}">${drawing}</g>${labels.join("")}</g>`,
    legend(around, height + HEAD + FOOT / 2),
    "</svg>",
  ].join("\n");
}

/** Where the parts of a legend stand: each has a square and, after it, a text. */
export function legendParts(around: Surroundings): { x: number; colour: string | null; text: string }[] {
  let x = 16;
  const parts = [
    { colour: null, text: around.legendTitle },
    ...around.legend.map(({ colour, label: text }) => ({ colour, text })),
  ];
  return parts.map(({ colour, text }) => {
    const part = { x, colour, text };
    x += (colour === null ? 0 : 16) + text.length * 6.4 + 16;
    return part;
  });
}

function legend(around: Surroundings, y: number): string {
  return legendParts(around)
    .map(({ x, colour, text }) => {
      if (colour === null) return label(text, x, y + 4, around.muted, "start");
      return `<rect x="${x}" y="${y - 5}" width="10" height="10" rx="2" fill="${colour}"/>${label(text, x + 16, y + 4, around.text, "start")}`;
    })
    .join("");
}

function markText({ tag, attributes }: Mark): string {
  return `<${tag} ${Object.entries(attributes)
    .map(([name, value]) => `${name}="${value}"`)
    .join(" ")}/>`;
}

function label(text: string, x: number, y: number, fill: string, anchor = "middle", size = 11): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${fill}" font-size="${size}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

const escaped = (text: string): string => text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Pixels of a scene unit in a file. */
const FILE_SCALE = 76;
const NARROWEST = 820;

/** A size in which the whole drawing, its labels and the legend have room. */
export function fileSize(bounds: FlatBounds): { width: number; height: number } {
  const width = (bounds.right - bounds.left) * FILE_SCALE + 100;
  return {
    width: Math.round(Math.max(NARROWEST, width)),
    height: Math.round((bounds.bottom - bounds.top) * FILE_SCALE + 110),
  };
}
