// What the browser keeps for the person: choices for good, drafts for as long as the tab lives.

/** Returns a choice, or null where none was made or the browser keeps nothing. */
export function kept(name: string): string | null {
  return read(() => localStorage.getItem(`yeoul.${name}`));
}

export function keep(name: string, value: string): void {
  read(() => localStorage.setItem(`yeoul.${name}`, value));
}

/** Returns a draft of this tab, or null. */
export function draft(name: string): string | null {
  return read(() => sessionStorage.getItem(`yeoul.${name}`));
}

export function keepDraft(name: string, value: string | null): void {
  read(() => (value === null ? sessionStorage.removeItem(`yeoul.${name}`) : sessionStorage.setItem(`yeoul.${name}`, value)));
}

function read<T>(access: () => T): T | null {
  try {
    return access();
  } catch (error) {
    if (error instanceof DOMException) return null; // the browser was told to keep nothing, or is full
    throw error;
  }
}
