// Light or dark: as the machine says, until the person says otherwise.
import { keep, kept } from "./kept.ts";

export type Theme = "light" | "dark";

const machine = matchMedia("(prefers-color-scheme: dark)");

function now(): Theme {
  const chosen = kept("theme");
  if (chosen === "light" || chosen === "dark") return chosen;
  return machine.matches ? "dark" : "light";
}

class Look {
  theme = $state<Theme>(now());

  constructor() {
    this.#show();
    machine.addEventListener("change", () => this.#show());
  }

  switch(): void {
    keep("theme", this.theme === "dark" ? "light" : "dark");
    this.#show();
  }

  /** Return a color of the style sheet, as it is now. */
  color(name: string): string {
    void this.theme;
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  #show(): void {
    this.theme = now();
    document.documentElement.dataset["theme"] = this.theme;
  }
}

export const look = new Look();
