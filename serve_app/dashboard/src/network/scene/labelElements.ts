import { LINE_HEIGHT, type PlacedLabel } from "../labels";

/** HTML labels over the canvas. They are moved in the frame loop, past React, and reused by their keys. */
export class LabelElements {
  private readonly elements = new Map<string, HTMLElement>();

  constructor(private readonly host: HTMLElement) {}

  show(labels: readonly PlacedLabel[]): void {
    const shown = new Set(labels.map(({ key }) => key));
    for (const [key, element] of this.elements) {
      if (shown.has(key)) continue;
      element.remove();
      this.elements.delete(key);
    }
    for (const label of labels) this.place(label);
  }

  private place({ key, x, y, lines }: PlacedLabel): void {
    const element = this.elements.get(key) ?? this.create(key);
    const text = lines.join("\n");
    if (element.dataset.text !== text) {
      element.dataset.text = text;
      element.replaceChildren(...lines.map(lineElement));
    }
    element.style.transform = `translate(-50%, 0) translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
  }

  private create(key: string): HTMLElement {
    const element = document.createElement("div");
    element.dataset.label = key;
    element.className = "absolute top-0 left-0 text-center text-[11px] whitespace-nowrap";
    element.style.lineHeight = `${LINE_HEIGHT}px`;
    this.elements.set(key, element);
    this.host.append(element);
    return element;
  }
}

function lineElement(line: string, row: number): HTMLElement {
  const element = document.createElement("div");
  element.textContent = line;
  element.className = row === 0 ? "font-medium text-main" : "text-muted";
  return element;
}
