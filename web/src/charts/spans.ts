// A text cut where spans begin and end; places count characters, as Python does, not UTF-16 units.

export interface Marked {
  text: string;
  label: string | null;
  confidence: number | null;
  weight: number;
}

export interface Mark {
  start: number;
  end: number;
  label?: string | null;
  confidence?: number | null;
  weight?: number;
}

/** Returns the text in pieces, in order, each with the mark that covers it; of marks that overlap the first one holds. */
export function pieces(text: string, marks: readonly Mark[]): Marked[] {
  const characters = [...text];
  const found: Marked[] = [];
  const plain = (from: number, to: number): void => {
    if (to > from) found.push({ text: characters.slice(from, to).join(""), label: null, confidence: null, weight: 0 });
  };
  let at = 0;
  for (const mark of [...marks].sort((a, b) => a.start - b.start)) {
    const start = Math.max(0, mark.start);
    const end = Math.min(characters.length, mark.end);
    if (start < at || end <= start) continue;
    plain(at, start);
    found.push({ text: characters.slice(start, end).join(""), label: mark.label ?? null, confidence: mark.confidence ?? null, weight: mark.weight ?? 0 });
    at = end;
  }
  plain(at, characters.length);
  return found;
}

/** Returns a color for each label, in the order in which they first appear. */
export function labelColors(labels: readonly string[]): Map<string, string> {
  const names = ["first", "second", "third", "fourth", "fifth", "sixth"];
  return new Map([...new Set(labels)].map((label, place) => [label, `var(--${names[place % names.length]})`]));
}
