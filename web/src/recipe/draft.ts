// The recipe that is being written: it outlives a reload of the page, and ends with its tab.
import { draft, keepDraft } from "../kept.ts";

export interface Draft {
  toml: string;
  name: string;
  from?: string;
}

const NOW = "recipe";
const BEFORE = "recipe-before";

export function savedDraft(): Draft | null {
  return read(NOW);
}

/** The draft that another took the place of. */
export function earlierDraft(): Draft | null {
  return read(BEFORE);
}

function read(name: string): Draft | null {
  const text = draft(name);
  if (text === null) return null;
  try {
    const found = JSON.parse(text) as Partial<Draft>;
    return typeof found.toml === "string" ? { ...found, toml: found.toml, name: found.name ?? "" } : null;
  } catch {
    return null; // an older page wrote it in another way
  }
}

/** Keep the draft as it stands now; null once it is trained. */
export function saveDraft(found: Draft | null): void {
  keepDraft(NOW, found === null ? null : JSON.stringify(found));
}

/** Begin another draft, or none; the one before can be brought back. */
export function replaceDraft(found: Draft | null): void {
  const before = draft(NOW);
  if (before !== null) keepDraft(BEFORE, before);
  saveDraft(found);
}
