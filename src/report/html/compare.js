// Copies of one document, and what became different since the last scan.

/** A path with its root, where there are several. */
function place(root, path) {
  return rootName(root) + path;
}

function duplicates() {
  const copies = D.duplicates;
  if (!copies) return null;
  const rows = copies.listed.map((copy, i) => [
    h("details", {}, h("summary", {}, place(...copy.places[0])),
      h("ul", {}, copy.places.slice(1).map((at) => h("li", {}, place(...at)))),
      copy.files > copy.places.length ? h("p", { class: "note" }, t("ui.and_more", copy.files - copy.places.length)) : null),
    badge(copy.worst), drill(num(copy.files), { copy: i + 1 }, t("ui.places")),
    copy.people ? drill(num(copy.people) + (copy.people_at_least ? "+" : ""), { copy: i + 1 }, t("ui.people"), "people") : "–", bytes(copy.size)]);
  return section("duplicates", [table(t("section.duplicates"), [{ text: t("ui.document") }, { text: t("ui.worst") }, { text: t("ui.places"), number: true },
    { text: t("ui.people"), number: true }, { text: t("column.size"), number: true }], rows),
    copies.documents > rows.length ? h("p", { class: "note" }, t("ui.documents_left", copies.documents - rows.length)) : null,
    copies.at_least ? h("p", { class: "note" }, t("ui.copies_at_least")) : null], say("text.duplicates", [copies.documents, { copies: true }, "documents"], [copies.files, { copies: true }]));
}

/** What it is compared with, and how many files were not read again: these lead to their folders. */
function sayUnchanged(since) {
  const [before, after] = t("text.delta", since.scan, date(since.started), "{2}").split("{2}");
  return [before, folderDrill(num(since.unchanged), "unchanged", since.unchanged), after];
}

function delta() {
  const since = D.delta;
  if (!since) return null;
  const severity = (at) => (at < 0 ? "–" : badge(at));
  const is = (key) => (file) => (key === "newly_exposed" ? file.exposed : key === "newly_protected" ? file.protected : since.kinds[file.change] === key);
  const out = h("div", {});
  // A file that is gone stands in no list of files: the figures lead to the rows of this table.
  const drawChanges = (key) => {
    const files = key ? since.listed.filter(is(key)) : since.listed;
    const rows = files.map((file) => [place(file.root, file.path), t("change." + since.kinds[file.change]),
      file.exposed ? t("delta.newly_exposed") : file.protected ? t("delta.newly_protected") : "", severity(file.before), severity(file.now)]);
    const left = key ? since[key] - files.length : since.left;
    const chip = key && h("button", { type: "button", class: "chip", "aria-label": t("ui.remove_filter", t("delta." + key)), onclick: () => drawChanges(null) },
      t("delta." + key), h("span", { "aria-hidden": "true" }, " ×"));
    out.replaceChildren(...[chip && h("div", { class: "chips" }, chip),
      rows.length ? table(t("section.delta"), [{ text: t("column.path") }, { text: t("ui.change") }, { text: t("ui.meaning") }, { text: t("ui.before") }, { text: t("ui.now") }], rows) : null,
      left > 0 ? h("p", { class: "note" }, t("ui.changes_left", left)) : null].filter(Boolean));
    if (chip) chip.focus();
    else if (key === null) out.querySelector("[tabindex]").focus();
  };
  const tiles = [["newly_exposed", "alarm"], ["newly_protected", "good"], ["new", ""], ["changed", ""], ["gone", ""]].map(([key, cls]) =>
    tile(t("delta." + key), num(since[key]), "", since[key] ? () => drawChanges(key) : null, since[key] ? cls : "", "changes"));
  drawChanges();
  return section("delta", [h("div", { class: "tiles five" }, tiles), out], sayUnchanged(since));
}
