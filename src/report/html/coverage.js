// What became of the files of each folder: where the figures lead whose files stand in no list, for there may be millions.

/** What is counted of a folder: the sum of these places of its counts, and what the list asks of a file, if it has them. */
const COVERED = {
  files: [[0, 1, 2, 3], null], read: [[0], null], sealed: [[3], { sealed: true }], unread: [[1, 2], { unread: true }], left_out: [[4], { left_out: true }],
  entries: [[0, 1, 2, 3, 4], null], answered: [[0, 3], null], members: [[5], null], unchanged: [[6], null],
};
const COVERED_COLUMNS = ["files", "read", "sealed", "unread", "left_out"];
/** What stands beside a figure that has no column otherwise. */
const COVERED_BESIDE = {
  entries: [...COVERED_COLUMNS, "entries"], answered: ["files", "read", "sealed", "answered"], members: ["files", "members"], unchanged: ["files", "unchanged"],
};
const COVERED_FIRST = 12;

function covered(counts, key) {
  return COVERED[key][0].reduce((sum, at) => sum + counts[at], 0);
}

function allCovered(key) {
  return D.coverage.counts.reduce((sum, counts) => sum + covered(counts, key), covered(D.coverage.rest, key));
}

/** A figure that leads to the folders in which it is counted; plain where they do not add up to it. */
function folderDrill(figure, key, total) {
  return total && allCovered(key) === total ? drill(figure, () => drawCoverage(key, true), "", "folders", t("ui.show_folders")) : figure;
}

function drawCoverage(key, focus) {
  const from = focus ? document.activeElement : null;
  const C = D.coverage;
  const columns = COVERED_BESIDE[key] || COVERED_COLUMNS;
  const all = C.counts.map((counts, i) => i);
  const shown = key ? all.filter((i) => covered(C.counts[i], key)).sort((a, b) => covered(C.counts[b], key) - covered(C.counts[a], key) || a - b) : all.slice(0, COVERED_FIRST);
  const rows = shown.map((i) => {
    const name = rootName(C.root[i]) + (C.path[i] ? C.path[i] + "/" : t("ui.top"));
    return [name, ...columns.map((column) => {
      const n = covered(C.counts[i], column);
      const filter = COVERED[column][1];
      return n && filter ? drill(num(n), { ...filter, within: [C.root[i], C.path[i]] }, t("filter." + column) + ", " + name) : num(n);
    })];
  });
  // What has no row of its own is summed in the last one.
  const rest = all.filter((i) => !shown.includes(i));
  const sum = rest.reduce((counts, i) => counts.map((n, at) => n + C.counts[i][at]), C.rest);
  const left = C.left + rest.length;
  if (left && (!key || covered(sum, key))) rows.push([t("ui.folders_summed", left), ...columns.map((column) => num(covered(sum, column)))]);
  const chip = key && h("button", { type: "button", class: "chip", "aria-label": t("ui.remove_filter", t("covered." + key)), onclick: () => drawCoverage(null, true) },
    t("covered." + key), h("span", { "aria-hidden": "true" }, " ×"));
  const back = from && from.isConnected && !from.closest("#coverage")
    ? h("button", { type: "button", class: "link", onclick: () => { from.focus(); from.scrollIntoView({ block: "center" }); } }, "↑ " + t("ui.back")) : null;
  const more = !key && rest.length ? h("button", { type: "button", class: "link noprint", onclick: () => drawCoverage("entries", true) }, t("ui.all_folders")) : null;
  const out = document.getElementById("coverage");
  const says = t("text.coverage", "{0}", "{1}").split(/\{(\d)\}/).map((part, i) => (i % 2 ? h("code", { class: part === "0" ? "whole" : null }, [WRITE, JQ][part]) : part));
  out.dataset.sum = key ? shown.reduce((n, i) => n + covered(C.counts[i], key), covered(sum, key)) : "";
  out.replaceChildren(...[h("h3", {}, t("ui.coverage")), h("p", { class: "note" }, says), chip || back ? h("div", { class: "chips" }, chip, back) : null,
    table(t("ui.coverage"), [{ text: t("ui.folder") }, ...columns.map((column) => ({ text: title("covered." + column), number: true }))], rows), more].filter(Boolean));
  if (!focus) return;
  out.scrollIntoView({ block: "start" });
  (chip || out.querySelector("[tabindex]")).focus({ preventScroll: true });
}

/** Writes the JSON Lines; and the files of one outcome out of them. */
const WRITE = "--output jsonl=FILE";
const JQ = 'jq -r \'select(.type == "item" and .members == [] and .outcome == "read") | .path\' FILE';
