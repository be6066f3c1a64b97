// Says a message of the tables in the language of the page.
import { language } from "../language.svelte.ts";
import { charts } from "./charts.ts";
import { metrics } from "./metrics.ts";
import { pages } from "./pages.ts";
import { shell } from "./shell.ts";
import { tries } from "./tries.ts";

/** A message in English and in Korean; `{name}` stands for a value. */
export type Message = readonly [english: string, korean: string];

export const messages = { ...shell, ...pages, ...tries, ...charts, ...metrics };
export type Word = keyof typeof messages;

/** Returns a message in the language of the page, its values as text. */
export function say(word: Word, values: Record<string, string | number> = {}): string {
  const message: Message = messages[word];
  return filled(message[language.current === "ko" ? 1 : 0], values);
}

export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Returns the message of a name that comes from the server, or the name itself. */
export function named(prefix: string, name: string): string {
  const word = `${prefix}-${name}`;
  return word in messages ? say(word as Word) : name;
}
