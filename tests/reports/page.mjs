// Opens the page as an officer would: reads, filters, drills down, changes language and theme, prints; and asks axe.
// Arguments: node_modules with playwright-core and axe-core, the page of the share, a large page, the notice, a page of a second
// scan, a folder for screenshots.
import assert from "node:assert/strict";
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [modules, share, large, notice, second, shots] = process.argv.slice(2);
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

/** Numbers of a section that lead nowhere, and why; where a pattern stands only what it matches is meant. */
const LEAD_NOWHERE = [
  ["#files", null, "the list itself: this is where the figures lead"],
  ["#method", null, "of the run, and no count of files: version, hash, times, bytes"],
  ["#coverage", null, "folders with what became of their files: where figures lead that count files in which nothing was found"],
  [".scope, .heat th, #first strong, #folders tbody th, .trail, #duplicates details, #delta tbody th", null, "names of files and folders, and the day of the scan"],
  ["#categories td:nth-child(2), #answer, #first, .controls", /(Articles?|Art\.)\s\d+(\(\d\))?((,| or| and)\s\d+)?/g, "articles of the law"],
  ["#delta .lead", /^Against scan \d+ of \d+ \w+ \d+\./, "number and day of the earlier scan"],
  ["#retention tbody th, #retention td:nth-child(4), #retention td:nth-child(5)", null, "ages, dates and terms"],
  ["#retention .note, #leak td:last-child, #leak .note, #leak select, #leak .paper", null, "sentences about terms and about the method of ENISA"],
  ["#duplicates td:last-child", null, "sizes"],
  [".note", /and \d[\d,]* more documents?|and \d[\d,]* more; `plainsight diff`/g, "what a list has no room for"],
];

/** Every number of the page that is no figure leading somewhere, no zero, and none of the exceptions. */
async function nowhere(page, exceptions) {
  return page.evaluate((exceptions) => {
    const found = [];
    document.querySelector("main").normalize();
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.parentElement;
      if (at.closest("button, .hidden, code")) continue;
      let text = node.textContent;
      for (const [selector, source, flags] of exceptions) if (at.closest(selector)) text = source ? text.replace(new RegExp(source, flags), "") : "";
      if (/[1-9]/.test(text)) found.push(`#${at.closest("section").id}: ${node.textContent}`);
    }
    return found;
  }, exceptions.map(([selector, pattern]) => [selector, pattern && pattern.source, pattern && pattern.flags]));
}

/** What each figure says, and how many files stand in the list (or rows in the table of changes, or files in the folders) that
 * it leads to. */
async function led(page) {
  return page.evaluate(() => [...document.querySelectorAll("main > section:not(#files) button.link, main > section:not(#files) button.cell")]
    // What a click draws anew is looked at before.
    .map((button) => [button, button.closest("section").id, button.closest(".trail")]).flatMap(([button, section, trail]) => {
    const said = button.textContent.match(/\d[\d,]*/);
    if (!said || trail || button.textContent.endsWith("/")) return [];
    const counts = button.dataset.counts;
    document.getElementById("count").textContent = "";
    button.click();
    const there = counts === "folders" ? Number(document.getElementById("coverage").dataset.sum)
      : counts === "pictures" ? Number(document.activeElement.id === "folders-title")
        : counts === "changes" ? document.querySelectorAll("#delta tbody tr").length : Number((document.getElementById("count").textContent.match(/(\d[\d,]*)\D*$/) || [0, "0"])[1].replaceAll(",", ""));
    return [{ section, text: button.getAttribute("aria-label") || button.textContent, counts: button.dataset.counts || "files", said: Number(said[0].replaceAll(",", "")), there }];
  }));
}

async function drillsDown(page, what, sections) {
  assert.deepEqual(await nowhere(page, LEAD_NOWHERE), [], `${what}: numbers that lead nowhere`);
  const figures = await led(page);
  const wrong = figures.filter(({ counts, said, there }) => (["files", "changes", "folders"].includes(counts) ? said !== there : there < 1));
  assert.deepEqual(wrong, [], `${what}: figures that lead to other files`);
  for (const section of sections) assert.ok(figures.some((figure) => figure.section === section), `${what}: no figure in #${section}`);
  console.log(`${what}: ${figures.length} figures lead to their files`);
}

/** The sections of which the officer is told, in this order; others may stand between them. */
const ORDER = ["answer", "first", "folders", "heatmap", "protection", "retention", "access", "duplicates", "delta", "unread", "method"];

async function inOrder(page) {
  const sections = await page.$$eval("main > section", (all) => all.map((one) => one.id));
  assert.deepEqual(sections.filter((id) => ORDER.includes(id)), ORDER, "the order of the sections");
  const contents = await page.$$eval(".contents a", (all) => all.map((one) => one.getAttribute("href").slice(1)));
  assert.deepEqual(contents, sections, "the contents are in the same order");
}

const count = async (page) => Number((await page.textContent("#count")).match(/(\d[\d.,]*)\D*$/)[1].replace(/[.,]/g, ""));

try {
  const page = await open(share);
  await fits(page, "share");
  await accessible(page, "light, English");
  await shot(page, "en-light");

  // Every figure leads to as many files as it says.
  await drillsDown(page, "the share", ["answer", "first", "categories", "folders", "heatmap", "leak", "protection", "retention", "access", "unread", "method"]);
  const later = await open(second);
  await drillsDown(later, "the second scan", ["delta", "duplicates"]);
  await inOrder(later);
  // On a file system whose clock is not that of the machine what is a minute old is read again.
  if (!/\. 0 files/.test(await later.textContent("#delta .lead"))) assert.ok(await later.$("#delta .lead button[data-counts=folders]"), "files that were not read again lead to their folders");
  else console.log("*** no file was left unread: figures of unchanged files are NOT looked at ***");
  await later.click("#delta .tile .link");
  await fits(later, "the second scan");
  await accessible(later, "the second scan, changes of one kind");
  assert.ok(await later.evaluate(() => document.activeElement.matches("#delta .chip")));
  await later.keyboard.press("Enter");
  assert.ok(!(await later.$("#delta .chip")));
  await shot(later, "second");
  await later.close();
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
  await accessible(page, "a telephone");
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
  await other.setViewportSize({ width: 390, height: 800 });
  await fits(other, "notice on a telephone");
  await accessible(other, "notice on a telephone");
  // Each table can be reached and scrolled with the keys.
  assert.ok(await other.$$eval("table", (all) => all.length > 3 && all.every((one) => one.parentElement.matches("[tabindex='0'][role=region][aria-label]"))));
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

  await drillsDown(big, "the large page", ["answer", "first", "heatmap", "access"]);
  const minors = await big.$("#answer .tile-note .link[data-counts=people]");
  await minors.click();
  assert.equal(await count(big), 20, "files about minors");

  const outside = requests.filter((url) => !url.startsWith("file://") && !url.startsWith("blob:") && !url.startsWith("data:"));
  assert.deepEqual(outside, [], "nothing leaves");
  assert.deepEqual(requests.filter((url) => url.startsWith("file://")).length, 4, "four pages, and no other file");
  assert.deepEqual(faults, [], "no faults on the console");
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
