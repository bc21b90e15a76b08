// The ground the page stands on: the data, the words of two languages, and the making of elements.
"use strict";

const SEVERITIES = ["none", "low", "medium", "high", "critical"];
let D = null; // the data of the scan, as html/data.rs wrote it
let language = document.documentElement.lang === "it" ? "it" : "en";

/** The text of a key in the language of the page; {0} and {1} are filled in, and `one|many` is chosen by the first number. */
function t(key, ...values) {
  const pair = D.words[key];
  if (!pair) return key;
  let text = pair[language === "it" ? 1 : 0];
  const bar = text.indexOf("|");
  if (bar >= 0) text = Number(values[0]) === 1 ? text.slice(0, bar) : text.slice(bar + 1);
  return text.replace(/\{(\d)\}/g, (_, i) => {
    const value = values[Number(i)];
    return typeof value === "number" ? num(value) : String(value ?? "");
  });
}

function num(n) {
  return new Intl.NumberFormat(language === "it" ? "it-IT" : "en-GB", { useGrouping: "always" }).format(n);
}

function date(text) {
  if (!text) return "–";
  const when = new Date(text);
  if (Number.isNaN(when.getTime())) return text;
  return new Intl.DateTimeFormat(language === "it" ? "it-IT" : "en-GB", { dateStyle: "long", timeZone: "UTC" }).format(when);
}

function bytes(n) {
  let unit = 0;
  while (n >= 999.5 && unit < 5) { n /= 1000; unit += 1; }
  const shown = unit === 0 || n >= 99.5 ? Math.round(n) : Math.round(n * 10) / 10;
  return num(shown) + " " + ["B", "kB", "MB", "GB", "TB", "PB"][unit];
}

function percent(part, whole) {
  if (!whole) return "–";
  const value = (100 * part) / whole;
  // Ninety-nine and a half is not all, and a trace is not nothing.
  if (part < whole && value > 99) return "99 %";
  if (part > 0 && value < 1) return "< 1 %";
  return Math.round(value) + " %";
}

/** An element: h("p", {class: "note", onclick: f}, "text", child). Text is set as text, never as markup. */
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

function title(key) {
  const text = t(key);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A severity: a word and a letter, not a colour alone. */
function badge(severity) {
  const key = SEVERITIES[severity];
  return h("span", { class: "badge " + key }, h("i", { "aria-hidden": "true" }, "●"), " ", t("severity." + key));
}

function people(row) {
  if (!row.people) return "–";
  return num(row.people) + (row.atLeast ? "+" : "");
}

/** A table: columns are {key, text, number, cls}; rows are arrays of cells. The first cell of a row heads it. */
function table(caption, columns, rows, attributes) {
  return h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
    h("table", attributes || {},
      h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, columns.map((column) =>
        h("th", { scope: "col", class: column.number ? "n" : null }, column.text || h("span", { class: "hidden" }, t("ui.share")))))),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, i) => i === 0
        ? h("th", { scope: "row" }, cell)
        : h("td", { class: columns[i].number ? "n" : null }, cell)))))));
}

/** A figure that leads to its files; `counts` says what it is a number of, if not of them. */
function drill(text, filter, label, counts = "files", leads = t("ui.show_files")) {
  return h("button", {
    type: "button", class: "link", "data-counts": counts, "aria-label": label ? text + ", " + label : text + ": " + leads,
    onclick: () => (typeof filter === "function" ? filter() : showFiles(filter)),
  }, text);
}

/** The text of a key whose figures lead to their files; each is [number, filter, counts], and `one|many` is chosen by the first. */
function say(key, ...figures) {
  const [one, many = one] = D.words[key][language === "it" ? 1 : 0].split("|");
  return (figures[0][0] === 1 ? one : many).split(/\{(\d)\}/).map((part, i) => {
    if (i % 2 === 0) return part;
    const [number, filter, counts] = figures[Number(part)];
    return number && filter ? drill(num(number), filter, "", counts) : num(number);
  });
}

async function inflate(base64) {
  const binary = atob(base64.trim());
  const packed = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) packed[i] = binary.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/** Columns to rows: what the list filters and sorts. */
function unpack(data) {
  const c = data.files;
  const rows = new Array(c.name.length);
  // The folder at risk that each folder belongs to: as deep as those are told apart.
  const places = data.folders.map((folder) => folder.split("/").slice(0, -1).slice(0, data.place_depth).join("/"));
  let spot = 0;
  for (let i = 0; i < rows.length; i += 1) {
    const folder = data.folders[c.folder[i]];
    const path = folder + c.name[i];
    rows[i] = {
      i, path, find: path.toLowerCase(), root: c.root[i], place: places[c.folder[i]], severity: c.severity[i], people: c.people[i], atLeast: c.at_least[i] === 1,
      categories: c.categories[i], states: c.states[i], access: c.access[i], gaps: c.gaps[i], fate: c.fate[i],
      score: c.score[i], kind: c.kind[i], past: c.past[i] === 1, age: c.age[i], modified: c.modified[i] ? data.days[c.modified[i] - 1] : "",
      size: c.size[i], findings: c.findings[i], opener: c.opener[i], names: c.names[i] === 1, minors: c.minors[i], left: c.left[i], scheme: c.scheme[i], media: c.media[i], copy: c.copy[i],
      spots: [spot, spot + c.spots[i]],
    };
    spot += c.spots[i];
  }
  return rows;
}
