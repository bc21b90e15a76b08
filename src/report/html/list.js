// The list of files: what every figure of the page leads to. Filtered, sorted, and drawn one page at a time.

const list = { rows: [], shown: [], filter: {}, sort: "severity", down: true, page: 0, size: 50, from: null };

/** What a filter asks of a row. Each key is one condition; all must hold. */
const CONDITIONS = {
  text: (value) => { const words = value.toLowerCase().split(/\s+/).filter(Boolean); return (row) => words.every((word) => row.find.includes(word)); },
  exposed: () => (row) => row.severity > 0,
  severity: (value) => (row) => row.severity === value,
  category: (value) => { const bit = 1 << value; return (row) => (row.categories & bit) !== 0; },
  special: () => (row) => (row.categories & D.special) !== 0,
  personal: () => (row) => row.severity > 0 && (row.categories === 0 || (row.categories & D.personal) !== 0),
  secrets: () => (row) => row.severity > 0 && row.categories !== 0 && (row.categories & D.personal) === 0,
  people: () => (row) => row.severity > 0 && row.people > 0,
  minors: (value) => (row) => row.severity > 0 && row.minors >= value,
  hollow: () => (row) => row.severity > 0 && row.states !== 0,
  names: () => (row) => row.names,
  sealed: () => (row) => row.fate === 3,
  left_out: () => (row) => row.fate === 4,
  left: (value) => (row) => row.left === value,
  copies: () => (row) => row.copy > 0,
  state: (value) => value === 0
    ? (row) => row.severity > 0 && row.states === 0
    : (row) => (row.states & (1 << value)) !== 0,
  opener: (value) => (row) => row.opener === value,
  access: (value) => (row) => row.severity > 0 && row.access === value,
  copy: (value) => (row) => row.copy === value,
  unread: () => (row) => row.gaps.length > 0,
  gap: (value) => (row) => row.gaps.includes(value),
  folder: (value) => (row) => row.root === value[0] && (value[1] === "" || row.path.startsWith(value[1] + "/")),
  // As the folders are told apart of which it is said what became of their files.
  within: ([root, path]) => {
    const isDeepest = (path ? path.split("/").length : 0) === D.coverage.depth;
    const start = path ? path + "/" : "";
    return (row) => row.root === root && row.path.startsWith(start) && (isDeepest || !row.path.includes("/", start.length));
  },
  place: (value) => (row) => row.root === value[0] && row.place === value[1],
  kind: (value) => (row) => row.severity > 0 && row.kind === value,
  past: () => (row) => row.severity > 0 && row.past,
  age: (value) => (row) => row.severity > 0 && row.age === value,
  band: (value) => (row) => row.score > 0 && band(row.score & 31) === value,
};

const ORDER = {
  path: (a, b) => (a.find < b.find ? -1 : a.find > b.find ? 1 : 0),
  severity: (a, b) => a.severity - b.severity || (a.score & 31) - (b.score & 31) || a.people - b.people || b.i - a.i,
  people: (a, b) => a.people - b.people || a.severity - b.severity,
  findings: (a, b) => a.findings - b.findings,
  modified: (a, b) => (a.modified < b.modified ? -1 : a.modified > b.modified ? 1 : 0),
  size: (a, b) => a.size - b.size,
};

function apply() {
  const started = performance.now();
  const tests = Object.entries(list.filter).map(([key, value]) => CONDITIONS[key](value));
  list.shown = tests.length ? list.rows.filter((row) => tests.every((test) => test(row))) : list.rows.slice();
  const order = ORDER[list.sort];
  const sign = list.down ? -1 : 1;
  list.shown.sort((a, b) => sign * order(a, b) || a.i - b.i);
  list.page = 0;
  drawList();
  document.documentElement.dataset.filterMs = (performance.now() - started).toFixed(1);
}

/** From a figure to its files; the way back is kept. */
function showFiles(filter) {
  list.from = document.activeElement;
  list.filter = { ...filter };
  syncControls();
  apply();
  const section = document.getElementById("files");
  section.scrollIntoView({ block: "start" });
  document.getElementById("files-title").focus({ preventScroll: true });
}

function goBack() {
  const from = list.from;
  list.from = null;
  drawChips();
  if (from && from.isConnected) { from.focus(); from.scrollIntoView({ block: "center" }); }
}

function setFilter(key, value) {
  if (value === null || value === "") delete list.filter[key];
  else list.filter[key] = value;
  apply();
}

function filterName(key, value) {
  switch (key) {
    case "text": return "“" + value + "”";
    case "severity": return t("severity." + SEVERITIES[value]);
    case "category": return t("category." + D.categories[value]);
    case "state": return t("state." + D.states[value]);
    case "copy": return t("filter.copy", place(...D.duplicates.listed[value - 1].places[0]));
    case "opener": return t("opener." + value);
    case "access": return t("access." + D.access[value]);
    case "left": return t("ui.left_out") + " " + t("reason." + D.reasons[value]);
    case "gap": return t("reason." + D.reasons[value]);
    case "within": case "place": return rootName(value[0]) + (value[1] ? value[1] + "/" : t("ui.top"));
    case "folder": return rootName(value[0]) + value[1] + "/";
    case "kind": return t("kind." + D.kinds[value]);
    case "age": return t("age." + value);
    case "band": return "ENISA: " + t("band." + value);
    default: return t("filter." + key);
  }
}

function rootName(root) {
  return D.roots.length > 1 ? D.roots[root] + "/" : "";
}

function drawChips() {
  const chips = document.getElementById("chips");
  const entries = Object.entries(list.filter);
  chips.replaceChildren(...entries.map(([key, value]) => h("button", {
    type: "button", class: "chip", "aria-label": t("ui.remove_filter", filterName(key, value)),
    onclick: () => { setFilter(key, null); syncControls(); },
  }, filterName(key, value), h("span", { "aria-hidden": "true" }, " ×"))),
  ...(entries.length ? [h("button", { type: "button", class: "link", onclick: () => { list.filter = {}; syncControls(); apply(); } }, t("ui.clear"))] : []),
  ...(list.from ? [h("button", { type: "button", class: "link", onclick: goBack }, "↑ " + t("ui.back"))] : []));
}

function syncControls() {
  for (const control of document.querySelectorAll("[data-filter]")) {
    const value = list.filter[control.dataset.filter];
    control.value = value === undefined ? "" : String(value);
  }
}

function select(key, label, options) {
  const id = "filter-" + key;
  return h("div", { class: "control" }, h("label", { for: id }, label),
    h("select", { id, "data-filter": key, onchange: (event) => setFilter(key, event.target.value === "" ? null : Number(event.target.value)) },
      h("option", { value: "" }, t("ui.all")), options.map(([value, text]) => h("option", { value }, text))));
}

function drawControls() {
  let timer = 0;
  const present = (mask, names, prefix) => names.map((name, i) => [i, t(prefix + name)]).filter(([i]) => mask & (1 << i));
  const union = (key) => list.rows.reduce((mask, row) => mask | row[key], 0);
  const seen = (key) => list.rows.reduce((mask, row) => mask | (1 << row[key]), 0);
  return h("div", { class: "controls", role: "search", "aria-label": t("ui.filters") },
    h("div", { class: "control wide" }, h("label", { for: "filter-text" }, t("ui.search")),
      h("input", { id: "filter-text", type: "search", "data-filter": "text", autocomplete: "off", spellcheck: "false",
        oninput: (event) => { clearTimeout(timer); timer = setTimeout(() => setFilter("text", event.target.value), 120); } })),
    select("severity", t("ui.severity"), [4, 3, 2, 1, 0].map((s) => [s, t("severity." + SEVERITIES[s])])),
    select("category", t("ui.category"), present(union("categories"), D.categories, "category.")),
    select("state", t("ui.protection"), present(union("states") | 1, D.states, "state.")),
    select("access", t("ui.access"), present(seen("access"), D.access, "access.")),
    select("gap", t("ui.unread"), D.totals.gaps.map(([reason]) => [reason, t("reason." + D.reasons[reason])])));
}

const COLUMNS = [["path", false], ["severity", false], ["categories", false, true], ["people", true], ["findings", true], ["modified", true], ["size", true]];

function drawList() {
  drawChips();
  const count = list.shown.length;
  const first = list.page * list.size;
  const rows = list.shown.slice(first, first + list.size);
  const status = count === 0 ? t("ui.no_files") : t("ui.rows", first + 1, first + rows.length, count);
  document.getElementById("count").textContent = status;
  document.getElementById("on-paper").textContent = count > rows.length ? t("ui.on_paper", rows.length, count) : "";
  const sortButton = (key) => h("button", {
    type: "button", class: "sort",
    onclick: () => { list.down = list.sort === key ? !list.down : key !== "path"; list.sort = key; apply(); document.querySelector(`[data-sort=${key}]`).focus(); },
    "data-sort": key,
  }, t("column." + key), h("span", { "aria-hidden": "true" }, list.sort === key ? (list.down ? " ↓" : " ↑") : " ↕"));
  const head = h("tr", {}, COLUMNS.map(([key, number, fixed]) => h("th", {
    scope: "col", class: number ? "n" : null,
    "aria-sort": fixed ? null : list.sort === key ? (list.down ? "descending" : "ascending") : "none",
  }, fixed ? t("column." + key) : [sortButton(key), h("span", { class: "paper" }, t("column." + key))])));
  const body = document.getElementById("rows");
  body.replaceChildren(...rows.map(drawRow));
  document.getElementById("head").replaceChildren(head);
  const pages = Math.max(1, Math.ceil(count / list.size));
  const go = (page) => () => { list.page = page; drawList(); document.getElementById("files").scrollIntoView({ block: "start" }); };
  const turn = (text, page, off) => h("button", { type: "button", disabled: off, onclick: go(page) }, text);
  document.getElementById("pager").replaceChildren(
    turn("« " + t("ui.first"), 0, list.page === 0), turn("‹ " + t("ui.previous"), list.page - 1, list.page === 0),
    h("span", {}, t("ui.page", list.page + 1, pages)),
    turn(t("ui.next") + " ›", list.page + 1, list.page >= pages - 1), turn(t("ui.last") + " »", pages - 1, list.page >= pages - 1));
}

function namesOf(mask) {
  return D.categories.filter((_, i) => mask & (1 << i)).map((key) => t("category." + key));
}

/** The worst kinds; all of them stand in the row when it is open. */
function fewNames(mask) {
  const names = namesOf(mask);
  if (names.length <= 4) return names.join(", ") || "–";
  return names.slice(0, 3).join(", ") + ", " + t("ui.and_more", names.length - 3);
}

function stateNotes(row) {
  const notes = D.states.filter((_, i) => i > 0 && row.states & (1 << i)).map((key) => t("state." + key));
  if (row.opener >= 0) notes.push(t("opener." + row.opener));
  return notes;
}

function drawRow(row) {
  const id = "file-" + row.i;
  const cut = row.path.lastIndexOf("/") + 1;
  const button = h("button", {
    type: "button", class: "file", "aria-expanded": "false", "aria-controls": id,
    onclick: (event) => toggle(event.currentTarget, row, id),
  }, h("span", { class: "mark", "aria-hidden": "true" }, "▸"), h("span", { class: "dir" }, rootName(row.root) + row.path.slice(0, cut)), h("wbr"), row.path.slice(cut));
  const notes = [...stateNotes(row), ...row.gaps.map((gap) => t("reason." + D.reasons[gap]))];
  if (row.left >= 0) notes.push(filterName("left", row.left));
  return h("tr", { "data-row": row.i }, h("th", { scope: "row", class: "path" }, button, notes.length ? h("div", { class: "note" }, notes.join(" · ")) : null),
    h("td", {}, row.severity ? badge(row.severity) : "–"), h("td", { class: "cats" }, fewNames(row.categories)),
    h("td", { class: "n" }, people(row)), h("td", { class: "n" }, row.findings ? num(row.findings) : "–"),
    h("td", { class: "n date" }, row.modified || "–"), h("td", { class: "n" }, bytes(row.size)));
}

function toggle(button, row, id) {
  const line = button.closest("tr");
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  if (open) return document.getElementById(id).remove();
  line.after(h("tr", { id, class: "detail" }, h("td", { colspan: COLUMNS.length }, detail(row))));
}

function detail(row) {
  const s = D.spots;
  const spots = [];
  for (let i = row.spots[0]; i < row.spots[1]; i += 1) {
    spots.push([t("category." + D.categories[s.category[i]]), [D.members[s.member[i]], D.places[s.place[i]]].filter(Boolean).join(", ") || "–",
      h("code", {}, D.samples[s.sample[i]]), D.detectors[s.detector[i]], num(s.confidence[i]) + " %"]);
  }
  const facts = [];
  const fact = (key, text) => facts.push(h("dt", {}, t(key)), h("dd", {}, text));
  if (row.categories) fact("ui.category", namesOf(row.categories).join(", "));
  if (row.score) fact("ui.enisa", enisaText(row.score));
  fact("ui.access", t("access." + D.access[row.access]));
  if (row.kind >= 0) fact("ui.kind", t("kind." + D.kinds[row.kind]) + (row.past ? " — " + t("ui.past_term") : ""));
  if (row.states) fact("ui.protection", stateNotes(row).join("; ") + (row.scheme > 0 ? " (" + D.schemes[row.scheme - 1] + ")" : ""));
  for (const gap of row.gaps) fact("ui.unread", title("reason." + D.reasons[gap]) + ". " + title("advice." + D.reasons[gap]));
  if (row.media > 0) fact("ui.format", D.media[row.media - 1]);
  const left = row.findings - spots.length;
  return [h("dl", {}, facts), spots.length ? table(t("ui.findings_of", row.path), [{ text: t("ui.category") }, { text: t("ui.place") }, { text: t("ui.sample") }, { text: t("ui.detector") }, { text: t("ui.confidence"), number: true }], spots, { class: "spots" }) : null,
    left > 0 ? h("p", { class: "note" }, t("ui.more_findings", left)) : null];
}
