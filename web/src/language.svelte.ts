// Which language the page speaks: the one chosen before, else the server's, else the browser's.
import { keep, kept } from "./kept.ts";

export type Language = "en" | "ko";

function known(value: string | null): Language | null {
  return value === "en" || value === "ko" ? value : null;
}

class Speaking {
  current = $state<Language>(known(kept("language")) ?? (navigator.language.startsWith("ko") ? "ko" : "en"));

  /** Take what the person chose, and remember it. */
  choose(language: Language): void {
    keep("language", language);
    this.#speak(language);
  }

  /** Take what the server speaks, unless the person chose before. */
  suggest(language: string): void {
    const found = known(language);
    if (kept("language") === null && found !== null) this.#speak(found);
  }

  #speak(language: Language): void {
    this.current = language;
    document.documentElement.lang = language;
  }
}

export const language = new Speaking();
document.documentElement.lang = language.current;
