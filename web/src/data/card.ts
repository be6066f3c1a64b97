// The facts of a data card as rows of a list, whatever kind of data it describes.
import { count, percent, shortTime } from "../numbers.ts";
import { say, type Word } from "../words/say.ts";

export type Card = Record<string, unknown>;

export interface Fact {
  word: Word;
  value: string;
}

export interface Finding {
  kind: string;
  count: number;
  column: string;
  places: string[];
  says?: string;
}

function inner(card: Card, ...keys: string[]): unknown {
  let found: unknown = card;
  for (const key of keys) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Card)[key];
  }
  return found;
}

/** Returns the facts that a card has, in the order in which a person asks for them. */
export function facts(card: Card): Fact[] {
  const found: Fact[] = [];
  const add = (word: Word, value: unknown): void => {
    if (value === undefined || value === null || value === "") return;
    const text = Array.isArray(value) ? value.join(", ") : typeof value === "number" ? count(value) : String(value);
    if (text !== "") found.push({ word, value: text });
  };
  add("card-rows", card["rows"]);
  add("card-pairs", card["pairs"]);
  add("card-texts", card["texts"]);
  add("card-lines", card["lines"]);
  add("card-characters", typeof card["characters"] === "number" ? card["characters"] : undefined);
  add("card-words", card["words"]);
  add("card-letters", card["letters"]);
  add("card-encoding", card["encoding"] ?? inner(card, "files", "0", "encoding"));
  add("card-every", card["every"]);
  add("card-from", shortTime(String(card["from"] ?? "")));
  add("card-to", shortTime(String(card["to"] ?? "")));
  add("card-missing", missing(inner(card, "found", "missing")));
  add("card-season", card["season"]);
  add("card-time", inner(card, "roles", "time"));
  add("card-inputs", card["inputs"]);
  add("card-target", card["target"] ?? inner(card, "roles", "targets"));
  add("card-lengths", lengths(card["characters"]));
  add("card-target-lengths", lengths(card["target_characters"]));
  add("card-duplicates", typeof card["duplicates"] === "number" ? card["duplicates"] : undefined);
  add("card-leaks", typeof card["leaks"] === "number" ? card["leaks"] : undefined);
  add("card-hangul", typeof card["hangul"] === "number" ? percent(card["hangul"]) : undefined);
  add("licence", card["licence"]);
  return found;
}

function missing(columns: unknown): string {
  if (typeof columns !== "object" || columns === null) return "";
  return Object.entries(columns as Record<string, number>).filter(([, cells]) => cells > 0).map(([name, cells]) => `${name} ${count(cells)}`).join(", ");
}

function lengths(characters: unknown): string {
  if (typeof characters !== "object" || characters === null) return "";
  const quantile = (name: string): string => count(Number((characters as Card)[name] ?? 0));
  return say("card-quantiles", { low: quantile("p5"), middle: quantile("p50"), high: quantile("p95"), most: quantile("max") });
}

/** Returns the classes with the share of each, of all splits together. */
export function balance(card: Card): Record<string, number> {
  const classes = (card["classes"] ?? {}) as Record<string, Record<string, number>>;
  const sizes = Object.entries(classes).map(([label, splits]) => [label, Object.values(splits).reduce((sum, size) => sum + size, 0)] as const);
  const all = sizes.reduce((sum, [, size]) => sum + size, 0) || 1;
  return Object.fromEntries(sizes.map(([label, size]) => [label, size / all]));
}

export function findings(card: Card): Finding[] {
  return (card["oddities"] ?? card["findings"] ?? []) as Finding[];
}

export interface Profile {
  kind: string;
  distinct: number;
  empty: number;
  longest: number;
}

export function profiles(card: Card): Record<string, Profile> {
  const found = card["profiles"] ?? card["columns"];
  return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Record<string, Profile>) : {};
}

/** Returns what a task's rows are made of, as far as the card says it. */
export function roles(card: Card): { inputs: string[]; target: string; time: string } {
  const targets = inner(card, "roles", "targets");
  return {
    inputs: Array.isArray(card["inputs"]) ? (card["inputs"] as string[]) : [],
    target: typeof card["target"] === "string" ? card["target"] : Array.isArray(targets) ? String(targets[0] ?? "") : "",
    time: String(inner(card, "roles", "time") ?? ""),
  };
}
