// Opens the page as an officer would: reads, filters, drills down, changes language and theme, prints; and asks axe.
// Arguments: node_modules with playwright-core and axe-core, the page of the share, a large page, the notice, a folder for screenshots.
import assert from "node:assert/strict";
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [modules, share, large, notice, shots] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), "x.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const profile = mkdtempSync(join(tmpdir(), "plainsight-page-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  headless: true,
  viewport: { width: 1280, height: 900 },
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const requests = [];
const faults = [];

async function open(file, wait = "#rows tr") {
  const page = await browser.newPage();
  page.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => { if (message.type() === "error") faults.push(message.text()); });
  await page.goto("file://" + resolve(file));
  await page.waitForSelector(wait, { timeout: 60_000 });
  return page;
}

async function shot(page, name) {
  if (shots) await page.screenshot({ path: join(shots, name + ".png"), fullPage: true });
}

async function accessible(page, what) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  const said = violations.map((v) => `${v.id}: ${v.nodes.length} × ${v.nodes[0].html.slice(0, 160)}\n${v.nodes[0].failureSummary}`);
  assert.deepEqual(said, [], what);
}

/** No text runs out of the page to the side. */
async function fits(page, what) {
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(width[0] <= width[1] + 1, `${what}: ${width}`);
}

const count = async (page) => Number((await page.textContent("#count")).match(/(\d[\d.,]*)\D*$/)[1].replace(/[.,]/g, ""));

try {
  const page = await open(share);
  await fits(page, "share");
  await accessible(page, "light, English");
  await shot(page, "en-light");

  // A figure leads to as many files as it says.
  for (const id of ["answer", "first", "categories", "heatmap", "protection", "retention", "access", "unread", "leak"]) {
    const buttons = await page.$$(`#${id} button.link, #${id} button.cell`);
    // A few of each, not always the first.
    for (const button of buttons.filter((_, i) => i % Math.ceil(buttons.length / 5) === 0)) {
      const text = (await button.textContent()).trim();
      const said = text.match(/^([\d.,]+)( files?)?$/);
      if (!said) continue;
      await button.click();
      assert.equal(await count(page), Number(said[1].replace(/[.,]/g, "")), `${id}: ${await button.evaluate((b) => b.getAttribute("aria-label") || b.textContent)}`);
    }
  }
  // And the way back, by the keyboard.
  const figure = await page.$("#answer .figure button");
  await figure.focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "files-title");
  await page.click("#chips button:last-child");
  assert.ok(await figure.evaluate((button) => button === document.activeElement));

  // Open a file: its findings, masked.
  await page.click("#rows tr:first-child .file");
  assert.ok((await page.$$("#rows .detail .spots tbody tr")).length > 3);
  assert.equal(await page.getAttribute("#rows tr:first-child .file", "aria-expanded"), "true");

  // Search, sort, remove.
  await page.click("#chips .link");
  await page.fill("#filter-text", "paghe cedolino");
  await page.waitForFunction(() => document.querySelectorAll("#chips .chip").length === 1);
  assert.ok((await count(page)) >= 3);
  await page.click("[data-sort=path]");
  assert.equal(await page.getAttribute("#head th:first-child", "aria-sort"), "ascending");

  // Into a folder of the icicle and out again.
  const before = await page.textContent(".icicle");
  await page.click(".icicle .node:nth-child(2)");
  assert.notEqual(await page.textContent(".icicle"), before);
  await page.click(".trail button");
  assert.equal(await page.textContent(".icicle"), before);

  await page.click("#language");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "it");
  assert.match(await page.textContent("h1"), /Dati personali/);
  assert.ok(!/\b(undefined|NaN|\[object|[a-z_]+\.[a-z_]+_says)\b/.test(await page.textContent("main")));
  await fits(page, "Italian");
  await accessible(page, "light, Italian");
  await shot(page, "it-light");
  await page.click("#theme");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.click("#rows tr:first-child .file");
  await accessible(page, "dark, Italian, with an open file");
  await shot(page, "it-dark");
  await page.click("#language");
  await shot(page, "en-dark");
  await page.setViewportSize({ width: 390, height: 800 });
  await fits(page, "a telephone");
  await shot(page, "en-dark-narrow");
  await page.setViewportSize({ width: 1280, height: 900 });

  // On paper: light, without controls.
  await page.emulateMedia({ media: "print" });
  assert.ok(!(await page.isVisible(".controls")) && !(await page.isVisible(".tools")));
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), "rgb(255, 255, 255)");
  const paper = await page.pdf({ format: "A4", printBackground: true, preferCSSPageSize: true, ...(shots ? { path: join(shots, "en.pdf") } : {}) });
  assert.ok(paper.length > 50_000);
  await page.close();

  const other = await open(notice, "table");
  await fits(other, "notice");
  await accessible(other, "notice");
  await shot(other, "art33");
  await other.close();

  const started = performance.now();
  const big = await open(large);
  const opened = performance.now() - started;
  const ready = await big.evaluate(() => document.documentElement.dataset.readyMs);
  const times = [];
  for (const [key, value] of [["category", 0], ["severity", 4], ["access", 3]]) {
    await big.selectOption("#filter-" + key, { index: 1 });
    times.push(await big.evaluate(() => document.documentElement.dataset.filterMs));
    await big.selectOption("#filter-" + key, "");
  }
  await big.fill("#filter-text", "clienti 2019");
  await big.waitForFunction(() => document.querySelectorAll("#chips .chip").length === 1);
  times.push(await big.evaluate(() => document.documentElement.dataset.filterMs));
  assert.ok((await count(big)) > 100);
  assert.ok((await big.$$("#rows tr")).length <= 50, "one page at a time");
  await big.click("#pager button:nth-last-child(2)");
  await shot(big, "large");
  console.log(`the page of 100,000 findings: opened in ${Math.round(opened)} ms (its script was done at ${ready} ms), filters and draws in ${times.join(", ")} ms`);

  const outside = requests.filter((url) => !url.startsWith("file://") && !url.startsWith("blob:") && !url.startsWith("data:"));
  assert.deepEqual(outside, [], "nothing leaves");
  assert.deepEqual(requests.filter((url) => url.startsWith("file://")).length, 3, "three pages, and no other file");
  assert.deepEqual(faults, [], "no faults on the console");
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
