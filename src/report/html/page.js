// The sections of the report, in the order in which an officer asks.

function section(id, body, lead) {
  return h("section", { id, "aria-labelledby": id + "-title" }, h("h2", { id: id + "-title", tabindex: "-1" }, t("section." + id)),
    lead ? h("p", { class: "lead" }, lead) : null, body);
}

function tile(text, figure, note, filter, cls, counts) {
  return h("div", { class: "tile " + (cls || "") }, h("p", { class: "tile-title" }, text),
    h("p", { class: "figure" }, filter ? drill(figure, filter, text, counts) : figure), h("div", { class: "tile-note" }, note));
}

function bounds(low, high) {
  return low === high ? num(high) : num(low) + " – " + num(high);
}

/** A sentence of the answer; its figure leads to the files, and that of all files to their folders. */
function sentence([key, text]) {
  const all = text.split(/(\d[\d.,]*\d|\d)/);
  const lead = (part, i) => {
    if (key === "answered") return folderDrill(part, key, D.totals.answered);
    if (i === 1 || key === "people") return drill(part, { [key]: true }, "", key === "people" ? "people" : "files");
    return key === "personal" ? folderDrill(part, "files", D.totals.looked_at) : part;
  };
  return all.map((part, i) => (key && i % 2 === 1 ? lead(part, i) : part)).concat(" ");
}

function answer() {
  const T = D.totals;
  const worst = T.categories.slice().sort((a, b) => b.weight - a.weight || b.files - a.files).slice(0, 3);
  // The first sentence is the answer; the others belong to it.
  const [head, ...more] = D.headline[language === "it" ? 1 : 0];
  const read = percent(T.answered, T.looked_at);
  return h("section", { id: "answer", "aria-labelledby": "answer-title" },
    h("h1", { id: "answer-title" }, t("ui.title")),
    h("p", { class: "scope" }, D.roots.join(" · "), " — ", date(D.started)),
    h("p", { class: "answer" }, sentence(head)), more.length ? h("p", { class: "more" }, more.map(sentence)) : null,
    h("div", { class: "tiles" },
      tile(t("tile.files"), num(T.personal), [say("tile.files_note", [T.special, { special: true }]), " ", sayFolders("ui.of_files", T.looked_at, "files")], T.personal ? { personal: true } : null, T.personal ? "alarm" : ""),
      tile(t("tile.people"), bounds(T.people_low, T.people_high), [t("tile.people_note"), T.minors_high ? [" ", minors(T)] : ""], T.people_high ? { people: true } : null, "", "people"),
      tile(t("tile.worst"), worst.length ? "" : "–", worst.length ? h("ol", {}, worst.map((c) => h("li", {},
        drill(title("category." + D.categories[c.category]), { exposed: true, category: c.category }), " ",
        h("span", { class: "whole" }, "(", drill(t("n.files", c.files), { exposed: true, category: c.category }, title("category." + D.categories[c.category])), ")")))) : "", null, "list"),
      tile(t("tile.complete"), read, T.unread ? say("tile.unread", [T.unread, { unread: true }]) : t("tile.all_read"), T.unread ? { unread: true } : T.answered ? () => drawCoverage("answered", true) : null, D.complete ? "good" : "warn", "percent")),
    D.interrupted ? h("p", { class: "warning" }, t("ui.interrupted")) : null,
    D.rows_left ? h("p", { class: "warning" }, t("ui.rows_left", D.rows_left)) : null);
}

/** The text of a key whose first figure leads to the folders in which it is counted. */
function sayFolders(key, figure, column, ...others) {
  const [before, after] = t(key, "{0}", ...others).split("{0}");
  const text = figure === 1 ? D.words[key][language === "it" ? 1 : 0].split("|")[0].split("{0}") : [before, after];
  return [text[0], folderDrill(num(figure), column, figure), text[1]];
}

/** How many of the people are minors: a pair of numbers that leads to the files that may name one. */
function minors(T) {
  const [before, after] = t("ui.minors", "{0}").split("{0}");
  return [before, drill(bounds(T.minors_low, T.minors_high), { minors: 1 }, "", "people"), after];
}

/** What a reason for a folder at risk counts. */
const REASONS = {
  special: { special: true }, people: { people: true }, minors: { minors: 2 }, past: { past: true }, domain: { access: "domain" }, hollow: { hollow: true },
  everyone: { access: "everyone" }, credentials: { category: "credential" },
};

function reasonFilter(key) {
  const { access: who, category: kind, ...filter } = REASONS[key];
  if (who) filter.access = D.access.indexOf(who);
  if (kind) filter.category = D.categories.indexOf(kind);
  return { exposed: true, ...filter };
}

function first() {
  const places = D.places_at_risk.slice(0, 10);
  if (!places.length) return section("first", h("p", {}, t("ui.nothing_to_do")));
  return section("first", h("ol", { class: "todo" }, places.map((place) => {
    const name = rootName(place.root) + (place.path ? place.path + "/" : t("ui.top"));
    const why = place.why.map(([key, n], i) => [i ? " · " : "", drill(t("why." + key, n), { ...reasonFilter(key), place: [place.root, place.path] }, name,
      key === "people" || key === "minors" ? "people" : "files")]);
    return h("li", {}, h("div", { class: "todo-head" }, badge(place.worst), h("strong", {}, name)),
      h("p", { class: "action" }, t("action." + place.action)), h("p", { class: "why" }, why),
      h("p", { class: "noprint" }, drill(t("n.files", place.files), { exposed: true, place: [place.root, place.path] }, name)));
  })), t("text.first"));
}

function categories() {
  const T = D.totals;
  const rows = T.categories.slice().sort((a, b) => b.weight - a.weight || b.files - a.files).map((c) => [
    drill(title("category." + D.categories[c.category]), { exposed: true, category: c.category }), D.articles[c.category][language === "it" ? 1 : 0].replaceAll(" ", "\u00a0") || "–",
    ...[[num(c.files), "files"], [c.people ? num(c.people) + (c.at_least ? "+" : "") : "", "people"], [num(c.findings), "findings"]].map(([figure, counts]) =>
      figure ? drill(figure, { exposed: true, category: c.category }, t("ui." + counts) + ", " + t("category." + D.categories[c.category]), counts) : "–")]);
  return section("categories", rows.length ? table(t("section.categories"), [{ text: t("ui.category") }, { text: t("ui.article") },
    { text: t("ui.files"), number: true }, { text: t("ui.people"), number: true }, { text: t("ui.findings"), number: true }], rows) : h("p", {}, t("ui.nothing")));
}

function protection() {
  const T = D.totals;
  const open = T.states[0];
  const whole = T.states.reduce((a, b) => a + b, 0);
  const rows = [0, 1, 2, 3, 4].filter((i) => T.states[i]).map((i) => [title("state." + D.states[i]), drill(num(T.states[i]), { state: i }, t("state." + D.states[i])),
    bar([["s" + i, T.states[i]]], whole), t("state_says." + D.states[i])]);
  T.openers.forEach((files, i) => { if (files) rows.push([title("opener." + i), drill(num(files), { opener: i }, t("opener." + i)), bar([["s2", files]], whole), t("opener_says." + i)]); });
  return section("protection", [rows.length ? table(t("section.protection"), [{ text: t("ui.protection") }, { text: t("ui.files"), number: true }, { text: "" }, { text: t("ui.meaning") }], rows) : h("p", {}, t("ui.nothing")),
    T.names_exposed ? h("p", { class: "note" }, say("ui.names_exposed", [T.names_exposed, { names: true }])) : null], say("text.protection", [open, { state: 0 }]));
}

/** Whole years as years. */
function period(months) {
  return months % 12 ? t("ui.months", months) : t("ui.years", months / 12);
}

function retention() {
  const T = D.totals;
  const most = Math.max(1, ...T.ages);
  const ages = table(t("ui.age"), [{ text: t("ui.age") }, { text: t("ui.files"), number: true }, { text: "" }],
    T.ages.map((files, i) => [t("age." + i), files ? drill(num(files), { age: i }, t("age." + i)) : "0", bar([["plain", files]], most)]));
  const kinds = T.kinds.map((kind, i) => ({ ...kind, i })).filter((kind) => kind.files);
  const rows = kinds.map((kind) => [title("kind." + D.kinds[kind.i]), kind.files ? drill(num(kind.files), { kind: kind.i }, t("kind." + D.kinds[kind.i])) : "0",
    kind.past ? drill(num(kind.past), { kind: kind.i, past: true }, t("ui.past_term")) : "0", date(kind.oldest), period(kind.months) + "; " + (kind.is_set ? t("ui.term_set") : t("term." + D.kinds[kind.i]))]);
  return section("retention", kinds.length ? [ages, table(t("ui.terms"), [{ text: t("ui.kind") }, { text: t("ui.files"), number: true }, { text: t("ui.past"), number: true }, { text: t("ui.oldest"), number: true }, { text: t("ui.term") }], rows),
    h("p", { class: "note" }, t("text.retention"))] : h("p", {}, t("ui.nothing")));
}

function access() {
  const rows = ["everyone", "domain", "group", "owner", "unknown"].map((key) => D.access.indexOf(key)).map((i) => [title("access." + D.access[i]), ...[4, 3, 2, 1].map((s) => {
    const files = D.totals.access[i][s];
    return files ? drill(num(files), { access: i, severity: s }, t("access." + D.access[i]) + ", " + t("severity." + SEVERITIES[s])) : "0";
  }), t("access_says." + D.access[i])]);
  return section("access", table(t("section.access"), [{ text: t("ui.access") }, ...[4, 3, 2, 1].map((s) => ({ text: t("severity." + SEVERITIES[s]), number: true })), { text: t("ui.meaning") }], rows), t("text.access"));
}

function unread() {
  const T = D.totals;
  const rows = T.gaps.map(([reason, files]) => [title("reason." + D.reasons[reason]), drill(num(files), { gap: reason }, t("reason." + D.reasons[reason])), title("advice." + D.reasons[reason])]);
  const left = T.left_out.map(([reason, files], i) => [i ? "; " : " ", t("reason." + D.reasons[reason]) + ": ", drill(num(files), { left: reason }, t("reason." + D.reasons[reason]))]);
  return section("unread", [rows.length ? table(t("section.unread"), [{ text: t("ui.reason") }, { text: t("ui.files"), number: true }, { text: t("ui.what_to_do") }], rows) : h("p", {}, t("ui.all_read")),
    left.length ? h("p", { class: "note" }, t("ui.left_out"), left, ".") : null, h("div", { id: "coverage" })], say("text.unread", [T.read, () => drawCoverage("read", true), "folders"], [T.sealed, { sealed: true }], [T.unread, { unread: true }], [T.files_left_out, { left_out: true }]));
}

function files() {
  return section("files", [
    drawControls(), h("div", { id: "chips", class: "chips", "aria-label": t("ui.active_filters"), role: "group" }),
    h("p", { id: "count", role: "status" }), h("p", { id: "on-paper", class: "note paper" }),
    h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("section.files") }, h("table", { id: "list" },
      h("caption", { class: "hidden" }, t("section.files")), h("thead", { id: "head" }), h("tbody", { id: "rows" }))),
    h("nav", { id: "pager", class: "pager", "aria-label": t("ui.pages") })], t("text.files"));
}

function method() {
  const facts = [["ui.version", D.tool + " " + D.version], ["ui.detectors_hash", h("code", {}, D.detectors_hash)], ["ui.started", D.started.slice(0, 19).replace("T", " ") + " UTC"], ["ui.duration", t("ui.seconds", Math.round(D.duration))],
    ["ui.roots", D.roots.join(", ")], ["ui.looked_at", [folderDrill(num(D.totals.files), "entries", D.totals.files), " + ", folderDrill(num(D.totals.members), "members", D.totals.members), " " + t("ui.members")]], ["ui.bytes", bytes(D.totals.bytes)]];
  return section("method", [h("dl", { class: "facts" }, facts.map(([key, value]) => [h("dt", {}, t(key)), h("dd", {}, value)])),
    ["text.method", "text.limits", "text.people", "text.severity", "text.samples"].map((key) => h("p", {}, t(key)))]);
}

function icicleSection() {
  return section("folders", D.tree.name.length ? icicle() : h("p", {}, t("ui.nothing")), t("text.folders"));
}

function heatmapSection() {
  return section("heatmap", D.places_at_risk.length ? heatmap() : h("p", {}, t("ui.nothing")), t("text.heatmap"));
}

const SECTIONS = [answer, first, categories, icicleSection, heatmapSection, leak_section, protection, retention, access, duplicates, delta, unread, files, method];
const CONTENTS = ["answer", "first", "categories", "folders", "heatmap", "leak", "protection", "retention", "access", "duplicates", "delta", "unread", "files", "method"];

function leak_section() {
  return section("leak", D.totals.categories.length ? leak() : h("p", {}, t("ui.nothing")));
}

function bars() {
  const theme = document.documentElement.dataset.theme;
  return h("header", { class: "top" }, h("p", { class: "brand" }, h("span", { class: "logo", "aria-hidden": "true" }), "Plainsight"),
    h("p", { class: "secret" }, t("ui.confidential")),
    h("div", { class: "tools" },
      h("button", { type: "button", id: "language", lang: language === "it" ? "en" : "it", onclick: () => { language = language === "it" ? "en" : "it"; draw(); document.getElementById("language").focus(); } }, language === "it" ? "English" : "Italiano"),
      h("button", { type: "button", id: "theme", onclick: () => { document.documentElement.dataset.theme = { auto: "dark", dark: "light", light: "auto" }[theme]; const y = scrollY; draw(); scrollTo(0, y); document.getElementById("theme").focus({ preventScroll: true }); } }, t("ui.theme") + ": " + t("theme." + theme)),
      h("button", { type: "button", onclick: () => print() }, t("ui.print"))));
}

function draw() {
  document.documentElement.lang = language;
  document.title = t("ui.title") + " – " + D.started.slice(0, 10);
  document.getElementById("skip").textContent = t("ui.skip");
  const contents = h("nav", { class: "contents", "aria-label": t("ui.contents") }, h("ol", {}, CONTENTS.filter((id) => !["duplicates", "delta"].includes(id) || D[id])
    .map((id) => h("li", {}, h("a", { href: "#" + id }, t("section." + id))))));
  const main = h("main", { id: "content", tabindex: "-1" }, SECTIONS.map((part) => part()));
  const foot = h("footer", {}, h("p", {}, "Plainsight " + D.version + " · " + D.started.slice(0, 10) + " · " + t("ui.confidential")));
  document.getElementById("page").replaceChildren(bars(), h("div", { class: "frame" }, contents, main), foot);
  drawCoverage(null);
  syncControls();
  apply();
}

async function start() {
  try {
    D = await inflate(document.getElementById("data").textContent);
    document.getElementById("data").textContent = "";
    list.rows = unpack(D);
    draw();
    document.documentElement.dataset.readyMs = performance.now().toFixed(0);
  } catch (error) {
    document.getElementById("loading").textContent = "This browser cannot open the data of the report (" + error + "). / Questo browser non riesce ad aprire i dati.";
  }
}

// On paper what is folded is open.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.dataset.was = part.open; part.open = true; }));
addEventListener("afterprint", () => document.querySelectorAll("details").forEach((part) => { part.open = part.dataset.was === "true"; }));
start();
