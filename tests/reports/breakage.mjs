// What is grossly broken on the page: in two languages, two themes, three widths, and on paper.
// Arguments: node_modules with playwright-core and axe-core, the page, the notices in two languages, a folder for
// screenshots and papers.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [modules, report, notice, avviso, kept] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), "x.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const folder = kept || mkdtempSync(join(tmpdir(), "plainsight-shots-"));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

/** Nothing is wider than the window, no text runs out of its box, and no two blocks lie on each other. */
function layout(width) {
  const faults = [];
  const root = document.documentElement;
  const name = (e) => `${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}${e.classList.length ? "." + [...e.classList].join(".") : ""} “${e.textContent.trim().slice(0, 40)}”`;
  if (root.scrollWidth > root.clientWidth + 1) faults.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
  const shown = [...document.querySelectorAll("#page *, body > main *")].filter((e) => e.getClientRects().length && !e.closest(".hidden") && !e.closest("option"));
  for (const e of shown) {
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    if (box.right > root.clientWidth + 1 && !e.closest(".scroll, table")) faults.push(`sticks out of the window: ${name(e)}`);
    // On a desk every table is seen whole.
    if (width >= 1280 && e.matches(".scroll") && e.scrollWidth > e.clientWidth + 1) faults.push(`cut off at the right: ${name(e)} by ${e.scrollWidth - e.clientWidth}`);
    if (e.matches("td, th") && box.width < 64 && e.textContent.trim().length > 20 && !e.closest(".heat")) faults.push(`squeezed: ${name(e)} to ${box.width}`);
    const speaks = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const isMeant = style.textOverflow === "ellipsis" || /SELECT|INPUT/.test(e.tagName) || style.display === "inline";
    if (speaks && !isMeant && (e.scrollWidth > e.clientWidth + 2 || e.scrollHeight > e.clientHeight + 4)) {
      faults.push(`text runs out: ${name(e)} ${e.scrollWidth}×${e.scrollHeight} in ${e.clientWidth}×${e.clientHeight}`);
    }
    const blocks = [...e.children].filter((c) => shown.includes(c) && getComputedStyle(c).display !== "inline" && getComputedStyle(c).position !== "sticky")
      .map((c) => [c, c.getBoundingClientRect()]).filter(([, b]) => b.width > 1 && b.height > 1);
    if (blocks.length > 200) continue;
    blocks.forEach(([one, a], i) => blocks.slice(i + 1).forEach(([other, b]) => {
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 2 && down > 2) faults.push(`${name(one)} lies on ${name(other)}`);
    }));
  }
  return [...new Set(faults)].slice(0, 12);
}

/** In each box of a picture, the part of the pixels that differ from the most frequent colour. */
async function painted(decoder, png, boxes) {
  return decoder.evaluate(async ([base64, boxes]) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    return boxes.map(({ x, y, width, height }) => {
      const { data } = canvas.getImageData(x, y, width, height);
      const colours = new Map();
      for (let i = 0; i < data.length; i += 4 * 3) {
        const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
        colours.set(colour, (colours.get(colour) || 0) + 1);
      }
      const counts = [...colours.values()];
      return 1 - Math.max(...counts) / counts.reduce((a, b) => a + b, 0);
    });
  }, [png.toString("base64"), boxes]);
}

/** What the program says, without what it says of this share: names of files and folders, samples, places, numbers. */
function words() {
  const ofShare = ".file, .node, .trail, .scope, code, .hidden, .spots td, .todo strong, .heat tbody th, #duplicates details, #delta tbody th, #folders tbody th, #coverage tbody th, option[lang], #language, .brand, .facts, footer";
  const said = new Set();
  const walker = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim();
    if (/\p{L}{3}/u.test(text) && !node.parentElement.closest(ofShare)) said.add(text);
  }
  return [...said];
}

/** Each page of a PDF: the part of it that is ink, and how far down the last of it stands. */
function papers(pdf, prefix) {
  try {
    execFileSync("pdftoppm", ["-r", "30", "-gray", pdf, prefix]);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    console.log("*** pdftoppm is not there: pages on paper are NOT looked at ***");
    return [];
  }
  const directory = resolve(prefix, "..");
  const mine = readdirSync(directory).filter((file) => join(directory, file).startsWith(prefix + "-") && file.endsWith(".pgm"));
  return mine.sort().map((file) => {
    const bytes = readFileSync(join(directory, file));
    rmSync(join(directory, file));
    const [head, width, height] = bytes.subarray(0, 40).toString("latin1").match(/^P5\s+(\d+)\s+(\d+)\s+255\s/);
    const pixels = bytes.subarray(head.length);
    let ink = 0;
    let last = 0;
    pixels.forEach((grey, i) => { if (grey < 200) { ink += 1; last = Math.floor(i / width); } });
    return { ink: ink / (width * height), last: last / height };
  });
}

const texts = {};
try {
  const decoder = await browser.newPage();
  for (const language of ["en", "it"]) {
    for (const theme of ["light", "dark"]) {
      const what = `${language}-${theme}`;
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: theme });
      await page.goto("file://" + resolve(report));
      await page.waitForSelector("#rows tr");
      if ((await page.getAttribute("html", "lang")) !== language) await page.click("#language");
      assert.equal(await page.getAttribute("html", "lang"), language);
      const paper = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).map(Number));
      assert.ok(theme === "dark" ? Math.max(...paper) < 60 : Math.min(...paper) > 200, `${what}: ${paper}`);

      for (const width of [1280, 768, 390]) {
        await page.setViewportSize({ width, height: 900 });
        assert.deepEqual(await page.evaluate(layout, width), [], `${what} at ${width}`);
        if (kept && width === 390) await page.screenshot({ path: join(folder, `${what}-390.png`), fullPage: true });
      }
      await page.setViewportSize({ width: 1280, height: 900 });
      const sections = await page.evaluate(() => [...document.querySelectorAll("main > section")].map((e) => {
        const { x, y, width, height } = e.getBoundingClientRect();
        return { id: e.id, x, y: y + scrollY, width, height };
      }));
      assert.ok(sections.length >= 12, `${sections.length} sections`);
      const shot = await page.screenshot({ path: join(folder, `${what}.png`), fullPage: true });
      const parts = await painted(decoder, shot, sections);
      sections.forEach(({ id, height }, i) => {
        assert.ok(height > 60, `${what}: #${id} is ${height} high`);
        assert.ok(parts[i] > 0.01, `${what}: of #${id} only ${parts[i]} is painted`);
      });

      await page.evaluate(axe);
      const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document));
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.length} × ${v.nodes[0].html.slice(0, 160)}`), [], what);
      assert.ok(passes.some((rule) => rule.id === "color-contrast" && rule.nodes.length > 100), `${what}: contrast was measured`);

      texts[language] = await page.evaluate(words);
      // From either theme the paper is white.
      const pdf = join(folder, `${what}.pdf`);
      await page.pdf({ path: pdf, format: "A4", printBackground: true, preferCSSPageSize: true });
      await page.emulateMedia({ media: "print" });
      assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("select, input, button:not(.link, .file, .node, .cell)")]
        .filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 120))), [], `${what}: controls on paper`);
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), "rgb(255, 255, 255)");
      const pages = papers(pdf, join(folder, what + "-paper"));
      pages.forEach(({ ink, last }, i) => {
        const isLast = i === pages.length - 1;
        assert.ok(ink > (isLast ? 0.002 : 0.008) && last > (isLast ? 0.08 : 0.4), `${what}: page ${i + 1} of ${pages.length} is nearly blank: ${ink} down to ${last}`);
      });
      await page.close();
    }
  }
  for (const [language, file] of [["en", notice], ["it", avviso]]) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto("file://" + resolve(file));
    assert.equal(await page.getAttribute("html", "lang"), language);
    for (const width of [1280, 768, 390]) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await page.evaluate(layout, width), [], `notice, ${language} at ${width}`);
      if (kept) await page.screenshot({ path: join(folder, `${language}-notice-${width}.png`), fullPage: true });
    }
    await page.close();
  }
  // What stays the same in Italian is the same word there, and one of these.
  const isSame = (text) => ["File", "GDPR"].includes(text) || /^Art\.\s\d+$/.test(text);
  const untranslated = texts.it.filter((text) => texts.en.includes(text) && !isSame(text));
  assert.deepEqual(untranslated, [], "not translated");
  assert.ok(texts.it.length > 100 && texts.it.some((text) => text === "Che cosa fare per primo"));
} finally {
  await browser.close();
  if (!kept) rmSync(folder, { recursive: true, force: true });
}
