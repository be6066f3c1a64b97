// Walks every page of a studio in Chromium, as a person does, and prints what was wrong as JSON.
// Usage: node tests/walk.mjs '{"address","link","runs":{task:name},"file","payload","steps":["pages",…]}'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { STEPS } from "./steps.mjs";

const asked = JSON.parse(process.argv[2]);
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const problems = [];
const done = [];
const refusals = new Set(); // answers that a step expects to be refused
const browser = await chromium.launch({ executablePath: asked.chromium ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });

async function open(settings) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...settings });
  const page = await context.newPage();
  page.setDefaultTimeout(asked.timeout ?? 60_000);
  page.on("pageerror", (error) => problems.push(`page error: ${error.stack}`));
  page.on("dialog", (dialog) => { problems.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  page.on("request", (request) => { if (!request.url().startsWith(asked.address) && !request.url().startsWith("data:") && !request.url().startsWith("blob:")) problems.push(`request to ${request.url()}`); });
  page.on("response", (response) => { if (response.status() >= 400 && !refusals.has(response.status())) problems.push(`${response.status()} from ${response.request().method()} ${response.url()}`); });
  page.on("console", (message) => { if (message.type() === "error" && !/Failed to load resource/.test(message.text())) problems.push(`console: ${message.text()}`); });
  return page;
}

/** Waits until nothing is loaded or thought about, and hears what axe has to say. */
async function settled(page) {
  await page.waitForFunction(() => document.querySelector("main") !== null && !/(Loading|Thinking|불러오는 중|생각하는 중)/.test(document.querySelector("main").innerText));
}

async function lawful(page, name) {
  await settled(page);
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const each of violations) problems.push(`axe, ${name}: ${each.impact} ${each.id}: ${each.nodes[0]?.html} ${each.nodes[0]?.failureSummary}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 1) problems.push(`${name} is ${wide} pixels wider than its window`);
}

const walk = {
  asked, open, settled, lawful,
  /** Goes to a page of the studio by its address. */
  async go(page, hash) {
    await page.goto(`${asked.address}/${hash}`);
    await settled(page);
  },
  /** Says what should be so. */
  expect(holds, what) {
    if (!holds) problems.push(what);
  },
  /** Runs a part in which answers of a status are no surprise. */
  async refused(status, part) {
    refusals.add(status);
    await part();
    refusals.delete(status);
  },
};

try {
  const stranger = await open({});
  await walk.refused(401, async () => {
    await stranger.goto(asked.address);
    await stranger.getByText("yeoul studio").first().waitFor();
  });
  const page = await open({ locale: "en-US", colorScheme: "light" });
  await page.goto(asked.link);
  await page.evaluate(() => localStorage.setItem("yeoul.language", "en"));
  for (const name of asked.steps) {
    try {
      await STEPS[name](walk, page);
      done.push(name);
    } catch (error) {
      problems.push(`${name}: ${error.stack ?? error}`);
      if (asked.shots) await page.screenshot({ path: `${asked.shots}/${name}.png`, fullPage: true });
    }
  }
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify({ problems, done }));
