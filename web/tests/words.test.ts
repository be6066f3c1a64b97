import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { charts } from "../src/words/charts.ts";
import { metrics } from "../src/words/metrics.ts";
import { pages } from "../src/words/pages.ts";
import { shell } from "../src/words/shell.ts";
import { tries } from "../src/words/tries.ts";

const tables = [shell, pages, tries, charts, metrics];
const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
const sources = (readdirSync("src", { recursive: true }) as string[]).filter((name) => /\.(svelte|ts)$/.test(name) && !name.startsWith("words")).map((name) => readFileSync(`src/${name}`, "utf8"));

test("every message is there in both languages with the same values", () => {
  for (const [word, [english, korean]] of tables.flatMap((table) => Object.entries(table))) {
    expect(english, word).not.toBe("");
    expect(placeholders(korean), word).toEqual(placeholders(english));
    if (!/^(metric|points|method)/.test(word)) expect(korean, word).toMatch(/[가-힣]/);
  }
});

test("no name stands for two messages", () => {
  const names = tables.flatMap((table) => Object.keys(table));
  expect(new Set(names).size).toBe(names.length);
});

test("every message is said somewhere", () => {
  const text = sources.join("\n");
  const families = ["task", "status", "metric", "baseline", "verdict", "outcome", "kind", "trust", "method"];
  const unsaid = tables.flatMap((table) => Object.keys(table)).filter((word) => !text.includes(`"${word}"`) && !text.includes(`'${word}'`) && !families.some((family) => word.startsWith(`${family}-`)));
  expect(unsaid).toEqual([]);
});

test("data never becomes markup", () => {
  for (const text of sources) expect(text).not.toMatch(/\{@html|innerHTML|insertAdjacentHTML|document\.write|eval\(/);
});
