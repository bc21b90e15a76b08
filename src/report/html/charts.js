// The figures: folders as an icicle, categories by folder as a heat map, and bars.

/** The part of a whole as a bar; its numbers stand beside it in words. */
function bar(parts, whole) {
  const strip = h("div", { class: "bar", "aria-hidden": "true" });
  for (const [cls, value] of parts) {
    if (!value) continue;
    const piece = h("span", { class: cls });
    piece.style.width = (100 * value) / Math.max(1, whole) + "%";
    strip.append(piece);
  }
  return strip;
}

/** Risk of a count, from 1 to 5, on a scale of powers: a folder with ten times the files is one step worse. */
function step(value, most) {
  if (!value) return 0;
  return Math.max(1, Math.min(5, Math.ceil((5 * Math.log(value + 1)) / Math.log(most + 1))));
}

/** Folders: the width is the number of files with exposed data, the colour the worst of them. */
function icicle() {
  const tree = D.tree;
  const children = tree.name.map(() => []);
  const tops = [];
  tree.parent.forEach((parent, i) => (parent < 0 ? tops : children[parent]).push(i));
  const byFiles = (a, b) => tree.files[b] - tree.files[a] || a - b;
  tops.sort(byFiles);
  for (const list of children) list.sort(byFiles);
  const LEVELS = 4;
  const HEIGHT = 44;
  const box = h("div", { class: "icicle", role: "group", "aria-label": t("ui.folders") });
  const trail = h("nav", { class: "trail", "aria-label": t("ui.where") });
  const twin = h("div", {});
  let at = tops.length === 1 ? tops[0] : -1;

  const pathOf = (node) => {
    const parts = [];
    for (let i = node; i >= 0 && tree.parent[i] >= 0; i = tree.parent[i]) parts.unshift(tree.name[i]);
    return parts.join("/");
  };
  const rootOf = (node) => tree.root[node];
  const label = (node) => (tree.parent[node] < 0 ? D.roots[rootOf(node)] : tree.name[node] + "/");
  const says = (node) => t("ui.folder_says", label(node), t("n.files", tree.files[node]), tree.people[node], t("severity." + SEVERITIES[tree.worst[node]]));

  function place(node, left, width, level) {
    if (level > LEVELS) return;
    const leaf = children[node].length === 0;
    const button = h("button", {
      type: "button", class: "node " + SEVERITIES[tree.worst[node]], title: says(node),
      onclick: () => (leaf || node === at ? showFiles({ exposed: true, folder: [rootOf(node), pathOf(node)] }) : enter(node)),
    });
    if (width > 3) {
      button.append(h("b", { "aria-hidden": "true" }, label(node)));
      if (width > 6) button.append(h("small", { "aria-hidden": "true" }, t("n.files", tree.files[node])));
    }
    button.append(h("span", { class: "hidden" }, says(node) + (leaf || node === at ? ". " + t("ui.show_files") : "")));
    button.style.left = left + "%";
    button.style.width = width + "%";
    button.style.top = level * HEIGHT + "px";
    box.append(button);
    deepest = Math.max(deepest, level);
    spread(children[node], left, width, tree.files[node], level + 1);
  }

  function spread(nodes, left, width, whole, level) {
    if (level > LEVELS) return;
    let rest = 0;
    for (const node of nodes) {
      const share = (width * tree.files[node]) / Math.max(1, whole);
      if (share < 0.9) { rest += share; continue; }
      place(node, left, share, level);
      left += share;
    }
    // Folders too narrow to be told apart are in the table below.
    if (rest > 0.4) {
      const piece = h("div", { class: "node rest", "aria-hidden": "true" });
      piece.style.left = left + "%";
      piece.style.width = rest + "%";
      piece.style.top = level * HEIGHT + "px";
      box.append(piece);
      deepest = Math.max(deepest, level);
    }
  }

  let deepest = 0;
  function enter(node, quiet) {
    at = node;
    deepest = 0;
    box.replaceChildren();
    if (at < 0) spread(tops, 0, 100, tops.reduce((sum, top) => sum + tree.files[top], 0), 0);
    else place(at, 0, 100, 0);
    box.style.height = (deepest + 1) * HEIGHT + "px";
    const up = [];
    for (let i = at; i >= 0; i = tree.parent[i]) up.unshift(i);
    if (tops.length > 1) up.unshift(-1);
    trail.replaceChildren(...up.map((i, n) => [n ? h("span", { "aria-hidden": "true" }, "›") : "", n === up.length - 1
      ? h("b", { "aria-current": "true" }, i < 0 ? t("ui.all_roots") : label(i))
      : h("button", { type: "button", class: "link", onclick: () => enter(i) }, i < 0 ? t("ui.all_roots") : label(i))]).flat());
    const inside = at < 0 ? tops : children[at];
    twin.replaceChildren(inside.length ? table(t("ui.folders"), [{ text: t("ui.folder") }, { text: t("ui.worst") }, { text: t("ui.files"), number: true }, { text: t("ui.people"), number: true }],
      inside.slice(0, 60).map((node) => [
        children[node].length ? h("button", { type: "button", class: "link", onclick: () => enter(node) }, label(node)) : label(node),
        badge(tree.worst[node]),
        drill(num(tree.files[node]), { exposed: true, folder: [rootOf(node), pathOf(node)] }, label(node)),
        tree.people[node] ? drill(num(tree.people[node]), { people: true, folder: [rootOf(node), pathOf(node)] }, label(node), "people") : "0"]))
      : h("p", { class: "note" }, t("ui.no_subfolders")));
    if (!quiet) { const first = box.querySelector("button"); if (first) first.focus({ preventScroll: true }); }
  }
  enter(at, true);
  return [trail, box, h("p", { class: "legend", "aria-hidden": "true" }, [4, 3, 2, 1].map((s) => [h("span", { class: "key " + SEVERITIES[s] }), t("severity." + SEVERITIES[s]), " "])),
    h("details", {}, h("summary", {}, t("ui.as_table")), twin)];
}

/** How many folders have no room: a figure that leads to the picture of all of them. */
function moreFolders(n) {
  const [before, after] = t("ui.more_folders", n).split(num(n));
  const all = () => { document.getElementById("folders").scrollIntoView({ block: "start" }); document.getElementById("folders-title").focus({ preventScroll: true }); };
  return h("p", { class: "note" }, before, drill(num(n), all, "", "pictures", t("section.folders")), after);
}

/** Categories by folder: the number of files in every cell. */
function heatmap() {
  const places = D.places_at_risk.slice(0, 12);
  const used = D.categories.map((_, i) => i).filter((i) => places.some((place) => place.categories[i]));
  const most = Math.max(1, ...places.flatMap((place) => Object.values(place.categories)));
  const folder = (place) => rootName(place.root) + (place.path ? place.path + "/" : t("ui.top"));
  const head = h("tr", {}, h("th", { scope: "col" }, t("ui.folder")),
    used.map((i) => h("th", { scope: "col", class: "tilt" }, h("span", {}, t("category." + D.categories[i])))));
  const rows = places.map((place) => h("tr", {}, h("th", { scope: "row" }, folder(place)), used.map((i) => {
    const count = place.categories[i] || 0;
    if (!count) return h("td", { class: "q0" }, h("span", { "aria-hidden": "true" }, "·"), h("span", { class: "hidden" }, "0"));
    return h("td", { class: "q" + step(count, most) }, h("button", {
      type: "button", class: "cell", "aria-label": t("ui.cell_says", t("n.files", count), t("category." + D.categories[i]), folder(place)),
      onclick: () => showFiles({ exposed: true, category: i, place: [place.root, place.path] }),
    }, num(count)));
  })));
  return [h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("section.heatmap") },
    h("table", { class: "heat" }, h("caption", { class: "hidden" }, t("section.heatmap")), h("thead", {}, head), h("tbody", {}, rows))),
  D.places_left > 0 || D.places_at_risk.length > 12 ? moreFolders(D.places_left + D.places_at_risk.length - places.length) : null];
}

/** Bands of the severity of a leak in hundredths: those of ENISA's method. */
let scenario = 50;
function band(product) {
  const hundredths = product * 25 + scenario;
  return hundredths < 200 ? 0 : hundredths < 300 ? 1 : hundredths < 400 ? 2 : 3;
}

function enisaText(score) {
  const product = score & 31;
  const context = (score >> 5) & 7;
  const ease = (score >> 8) & 7;
  const two = (hundredths) => new Intl.NumberFormat(language === "it" ? "it-IT" : "en-GB", { minimumFractionDigits: 2 }).format(hundredths / 100);
  return t("ui.enisa_says", two(product * 25 + scenario), t("band." + band(product)), context, two(ease * 25), two(scenario)) + " " + t("enisa." + D.whys[score >> 11]);
}

function leak() {
  const out = h("div", {});
  const scenarios = [[25, "known_recipients"], [50, "published"], [100, "stolen"]];
  const draw = () => {
    const counts = [0, 0, 0, 0];
    D.totals.products.forEach((files, product) => { if (product) counts[band(product)] += files; });
    const whole = counts.reduce((a, b) => a + b, 0);
    // On paper nobody can choose.
    const chosen = scenarios.find(([value]) => value === scenario)[1];
    out.replaceChildren(h("p", { class: "paper" }, t("ui.scenario") + ": " + t("scenario." + chosen)), table(t("section.leak"), [{ text: t("ui.band") }, { text: t("ui.files"), number: true }, { text: "" }, { text: t("ui.hint") }],
      [3, 2, 1, 0].map((b) => [t("band." + b), counts[b] ? drill(num(counts[b]), { band: b }, t("band." + b)) : "0", bar([["b" + b, counts[b]]], whole), t("hint." + b)])));
  };
  draw();
  const id = "scenario";
  return [h("div", { class: "control" }, h("label", { for: id }, t("ui.scenario")),
    h("select", { id, onchange: (event) => { scenario = Number(event.target.value); draw(); drawList(); } },
      scenarios.map(([value, key]) => h("option", { value, selected: value === scenario }, t("scenario." + key))))),
  out, h("p", { class: "note" }, t("text.enisa"))];
}
