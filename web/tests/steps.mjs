// What a person does on each page, in steps that may be run alone.
const named = (name) => encodeURIComponent(name);

/** Every page in both languages and themes, without a violation, without a word of markup come alive. */
async function pages(walk, page) {
  const { runs } = walk.asked;
  const all = ["#/runs", `#/compare/${named(runs.classify)}/${named(runs.transduce)}`, `#/run/${named(runs.classify)}`, "#/data", "#/new", "#/try", "#/inside",
    ...Object.values(runs).map((run) => `#/try/${named(run)}`), `#/inside/${named(runs.classify)}`];
  for (const [language, colorScheme, width] of [["en", "light", 1280], ["ko", "dark", 400]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate((chosen) => localStorage.setItem("yeoul.language", chosen), language);
    await page.reload();
    for (const hash of all) {
      await walk.go(page, hash);
      await walk.lawful(page, `${hash} (${language}, ${colorScheme})`);
      const text = await page.evaluate(() => document.querySelector("main").innerText);
      walk.expect(text.trim().length > 10, `${hash} is empty`);
      walk.expect(language === "en" || /[가-힣]/.test(text), `${hash} speaks no Korean`);
      walk.expect((await page.locator("main img[src='x'], main script").count()) === 0, `${hash} took data for markup`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.evaluate(() => localStorage.setItem("yeoul.language", "en"));
  await page.reload();
}

async function runs(walk, page) {
  const { runs, payload } = walk.asked;
  await walk.go(page, "#/runs");
  await page.getByText(payload).first().waitFor(); // what looks like markup stands there as text
  await page.getByLabel("Filter").fill(runs.generate);
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await page.getByLabel("Filter").fill("");
  for (const run of [runs.classify, runs.transduce]) await page.getByLabel(`Choose ${run} to compare`).check();
  await page.getByText("Compare (2)").click();
  await page.getByRole("heading", { name: "Set differently" }).waitFor();
  walk.expect((await page.locator("canvas").count()) > 0, "the comparison has no curves");
  await walk.go(page, `#/run/${named(runs.classify)}`);
  for (const tab of ["Log", "Report", "Recipe", "Overview"]) {
    await page.getByRole("tab", { name: tab }).click();
    await walk.lawful(page, `tab ${tab}`);
    if (tab === "Report") walk.expect((await page.locator("iframe").getAttribute("sandbox")) === "allow-scripts", "the report's frame is not shut");
  }
}

/** With the keyboard alone: past the menu by the skip link, along the tabs by arrows. */
async function keys(walk, page) {
  await walk.go(page, `#/run/${named(walk.asked.runs.classify)}`);
  await page.reload();
  await walk.settled(page);
  await page.keyboard.press("Tab");
  walk.expect(await page.evaluate(() => document.activeElement.classList.contains("skip")), "the skip link does not come first");
  await page.keyboard.press("Enter");
  walk.expect(await page.evaluate(() => document.activeElement.id === "main"), "the skip link does not skip");
  await page.getByRole("tab", { name: "Overview" }).focus();
  await page.keyboard.press("ArrowRight");
  walk.expect((await page.getByRole("tab", { name: "Log" }).getAttribute("aria-selected")) === "true", "arrows do not walk the tabs");
}

async function classify(walk, page) {
  const { runs, payload } = walk.asked;
  await walk.go(page, `#/try/${named(runs.classify)}`);
  await page.locator("main textarea").fill(`정말 재미있어요 ${payload}`);
  await page.getByRole("button", { name: "Ask" }).click();
  await page.locator(".panel .answer").waitFor();
  walk.expect(/\d+\.\d %/.test(await page.locator(".panel").first().innerText()), "a label has no probability");
  await page.getByRole("heading", { name: "Words that decided" }).waitFor();
  await page.locator(".weights, .problem").first().waitFor();
  walk.expect((await page.locator(".problem").count()) === 0, `no words that decided: ${await page.locator("main").innerText()}`);
  await walk.lawful(page, "words that decided");
}

async function generate(walk, page) {
  await walk.go(page, `#/try/${named(walk.asked.runs.generate)}`);
  await page.locator("main textarea").fill("나비야 ");
  await page.getByLabel(/^Temperature/).fill("0.5");
  await page.getByLabel(/^Tokens/).fill("30");
  await page.getByRole("button", { name: "Write" }).click();
  await page.getByText(/30 tokens, /).waitFor();
  const text = await page.locator(".written").innerText();
  walk.expect(text.startsWith("나비야 ") && text.length > 12, `this was written: ${text}`);
  await page.getByLabel("show how sure each token was").check();
  await walk.lawful(page, "a text");
}

async function transduce(walk, page) {
  await walk.go(page, `#/try/${named(walk.asked.runs.transduce)}`);
  await page.locator("main textarea").fill("3+4");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.getByRole("heading", { name: "Attention" }).waitFor();
  await page.getByRole("img", { name: "Beam tree" }).waitFor();
  walk.expect((await page.locator("svg .best rect").count()) > 0, "no path of the beam is marked");
  await walk.lawful(page, "an answer");
}

async function forecast(walk, page) {
  await walk.go(page, `#/try/${named(walk.asked.runs.forecast)}`);
  await page.locator("svg path.band").first().waitFor();
  const fan = () => page.locator("svg path.forecast").getAttribute("d");
  const before = await fan();
  await page.getByLabel("Value").fill("31.5");
  await page.waitForFunction((old) => document.querySelector("svg path.forecast").getAttribute("d") !== old, before);
  await page.getByRole("button", { name: "Back to what was measured" }).click();
  await walk.settled(page);
  const box = await page.locator("svg[role=img]").boundingBox();
  const x = box.x + 0.7 * box.width;
  await page.mouse.move(x, box.y + 0.6 * box.height);
  await page.mouse.down();
  await page.mouse.move(x, box.y + 0.2 * box.height, { steps: 4 });
  await page.mouse.up();
  walk.expect((await page.locator("circle.moved").count()) === 1, "dragging moved no measurement");
  await walk.lawful(page, "a fan");
}

async function tag(walk, page) {
  const { runs, payload } = walk.asked;
  await walk.go(page, `#/try/${named(runs.tag)}`);
  await page.locator("main textarea").fill(`민수는 ${payload} 서울에 산다`);
  await page.getByRole("button", { name: "Ask" }).click();
  await page.locator(".panel").getByText(payload.split(" ")[1]).first().waitFor(); // as text, among the spans
  await page.getByText("Each token with its tag").click();
  const cells = await page.locator("main tbody tr").count();
  walk.expect(cells >= 4, `${cells} words have a tag`);
  await walk.lawful(page, "tags");
}

async function compare(walk, page) {
  const { runs, payload } = walk.asked;
  await walk.go(page, `#/try/${named(runs.compare)}`);
  const [first, second] = [page.locator("main textarea").first(), page.locator("main textarea").last()];
  const ask = page.locator("main form button.main");
  walk.expect(await ask.isDisabled(), "nothing can be compared with nothing");
  await first.fill(`가강 어때 ${payload}`);
  await second.fill("나산 괜찮은지");
  await ask.click();
  await page.locator(".panel .answer").waitFor();
  const one = await page.locator(".panel .answer").innerText();
  walk.expect(/\d/.test(one), `no likeness: ${one}`);
  await second.fill(await first.inputValue());
  await ask.click();
  await page.waitForFunction((old) => document.querySelector(".panel .answer")?.innerText !== old, one);
  await walk.lawful(page, "a likeness");
}

async function caption(walk, page) {
  const { runs, picture } = walk.asked;
  await walk.go(page, `#/try/${named(runs.caption)}`);
  await walk.refused(422, async () => {
    await page.setInputFiles("input[type=file]", { name: "<b>no</b>.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await page.locator(".problem").waitFor();
  });
  await page.setInputFiles("input[type=file]", picture);
  await page.locator(".panel .answer").waitFor();
  walk.expect((await page.locator(".problem").count()) === 0, "the old problem stands beside the answer");
  const drawn = await page.locator("main .picture img").evaluate((image) => image.complete && image.naturalWidth);
  walk.expect(drawn > 0, "the picture is not shown");
  const words = page.locator("main [role=group] button");
  if ((await words.count()) > 1) {
    await words.nth(1).click();
    walk.expect((await page.locator(".picture rect").count()) > 1, "nothing tells where the model looked");
  }
  await walk.lawful(page, "a caption");
}

async function inside(walk, page) {
  await walk.go(page, `#/inside/${named(walk.asked.runs.classify)}`);
  await page.locator("main textarea").fill("정말 재미있어요");
  await page.getByRole("button", { name: "Look inside" }).click();
  await page.getByText("kept", { exact: true }).first().waitFor();
  walk.expect((await page.locator(".map canvas").count()) >= 4, "an LSTM shows fewer than its gates and states");
  await page.getByRole("button", { name: "Draw the map" }).click();
  await page.locator("svg circle").first().waitFor();
  await walk.lawful(page, "inside");
}

async function data(walk, page) {
  const { file, payload } = walk.asked;
  await walk.go(page, "#/data");
  await page.setInputFiles("input[type=file]", { name: "올린 파일.csv", mimeType: "text/csv", buffer: Buffer.from(`글,답\n${`${payload},<i>x</i>\n둘,y\n셋,y\n`.repeat(9)}`) });
  await page.getByRole("heading", { name: /올린 파일/ }).waitFor();
  await page.getByRole("heading", { name: "What it holds" }).waitFor();
  await page.getByText(payload).first().waitFor();
  await walk.lawful(page, "an uploaded file");
  await walk.go(page, "#/data");
  await page.getByRole("link", { name: file }).click();
  await page.getByRole("heading", { name: "What it holds" }).waitFor();
  await page.getByRole("button", { name: "Make a recipe of this" }).click();
  await page.getByRole("heading", { name: "Recipe (TOML)" }).waitFor();
  await page.getByText("The recipe can be trained.").waitFor();
  walk.expect((await page.locator(".editor textarea").inputValue()).includes(file), "the recipe does not name its file");
}

/** After `data`: the text follows the form, the form follows the text, errors stand at their line, a reload loses nothing. */
async function recipe(walk, page) {
  const toml = page.locator(".editor textarea");
  const source = /source = (".*")/.exec(await toml.inputValue())[1];
  await toml.fill(`# a small one\ntask = "classify"\n\n[data]\nsource = ${source}\n\n[text]\nunit = "character"\n\n[model.embedding]\nsize = 8\n\n[model.encoder]\nkind = "gru"\nhidden_size = 6\n\n[training]\nepochs = 3\n`);
  await page.waitForFunction(() => document.getElementById("field-training.epochs")?.value === "3");
  const epochs = page.locator("[id='field-training.epochs']");
  await epochs.fill("2");
  await epochs.press("Tab");
  await page.waitForFunction(() => document.querySelector(".editor textarea").value.includes("epochs = 2"));
  walk.expect((await toml.inputValue()).startsWith("# a small one"), "the form took away a comment");
  await toml.fill(`${(await toml.inputValue()).replace("epochs = 2", "epochs = 1")}`);
  await page.waitForFunction(() => document.getElementById("field-training.epochs").value === "1");
  await walk.refused(422, async () => {
    const good = await toml.inputValue();
    await toml.fill(good.replace("epochs = 1", "epochs = -1"));
    await page.locator("span.wrong").waitFor();
    const line = Number(await page.locator("span.wrong").innerText());
    walk.expect(good.split("\n")[line - 1] === "epochs = 1", `line ${line} is marked`);
    walk.expect(await page.getByRole("button", { name: "Start training" }).isDisabled(), "a wrong recipe can be started");
    await toml.fill(good);
    await page.getByText("The recipe can be trained.").waitFor();
  });
  await page.getByRole("button", { name: "한국어" }).click();
  await page.getByText("모든 가중치에 걸친 기울기의 가장 큰 노름.", { exact: false }).waitFor({ state: "attached" });
  await page.getByRole("button", { name: "English" }).click();
  await page.getByText("The recipe can be trained.").waitFor();
  await walk.lawful(page, "a recipe");
  await page.reload();
  await page.getByText("The recipe can be trained.").waitFor();
  walk.expect((await toml.inputValue()).includes("epochs = 1"), "a reload lost the draft");
}

/** After `recipe`: the training is started and watched until it is done; then its run is removed. */
async function train(walk, page) {
  await page.getByRole("button", { name: "Start training" }).click();
  await page.waitForFunction(() => location.hash.startsWith("#/run/"), null, { timeout: 120_000 });
  await page.locator(".badge.done").waitFor({ timeout: 120_000 });
  await page.getByRole("heading", { name: /Tested on/ }).waitFor();
  walk.expect((await page.locator("canvas").count()) >= 2, "a run has no curves");
  await walk.lawful(page, "a run that was watched");
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Yes, remove" }).click();
  await page.waitForFunction(() => location.hash === "#/runs");
}

export const STEPS = { pages, runs, keys, classify, generate, transduce, forecast, tag, compare, caption, inside, data, recipe, train };
