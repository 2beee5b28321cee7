// One row per setting, so that no answer has to be looked for.
const groupId = (group) => "group-" + fit.groups.indexOf(group);

const beyond = (row) => (row.nearest_batch_size === row.batch_size ? "run"
  : row.extrapolation <= 1 ? "inside" : formatFactor(row.extrapolation));
function formatRegret(regret, greatest) {
  if (regret > greatest) return formatTold(regret, greatest);
  if (regret === 0) return "0";
  const rounded = Number(regret.toPrecision(2));
  if (rounded >= 100 && rounded < 1e6) return formatCount(rounded);
  return rounded < 1e-4 ? rounded.toExponential(1) : regret.toPrecision(2);
}

const headCell = (text, attributes = {}) => element("th", { scope: "col", ...attributes }, text);

// A table that scrolls by itself where it is wider than the page.
function tableOf(kind, label, heads, rows) {
  return element("div", { class: "answers " + kind, tabindex: 0, role: "region", "aria-label": label },
    element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows)));
}

function settingCell(group) {
  const pairs = pairsOf(group).map(([column, value]) =>
    element("span", { class: "pair" }, element("span", { class: "quiet" }, column + " "), shortened(value)));
  return element("th", { scope: "row", title: titleOf(group) },
    element("a", { href: "#" + groupId(group) }, ...pairs));
}

// The interval has a column of its own where there is one answer and room.
function rateCells(row) {
  const interval = formatInterval(row.lr_low, row.lr_high, formatEstimate);
  const alone = targets.length === 1;
  const cells = [element("td", {}, element("span", { class: "use" }, formatEstimate(row.lr)),
    element("span", { class: alone ? "under narrow-only" : "under" }, interval))];
  if (alone) {
    cells.push(element("td", { class: "interval wide-only" }, interval),
      element("td", { class: "wide-only" }, formatRegret(row.expected_regret, row.greatest_told)),
      element("td", { class: "wide-only" }, beyond(row)));
  }
  return cells;
}

// Asked for nothing: the ends of what was run.
function endCell(row) {
  return element("td", {}, element("span", { class: "use" }, formatEstimate(row.lr)),
    element("span", { class: "under" }, "B " + formatCount(row.batch_size)));
}

function unansweredCells() {
  const said = (span) => element("td", { class: "unanswered", colspan: span }, "not enough data");
  return targets.length === 1 ? [said(1), element("td", { class: "wide-only", colspan: 3 })]
    : [said(targets.length || 2)];
}

function overviewRow(group) {
  const cells = group.refused !== null ? unansweredCells()
    : targets.length ? group.predictions.flatMap(rateCells)
      : [endCell(group.at_runs[0]), endCell(group.at_runs.at(-1))];
  return element("tr", {}, settingCell(group), ...cells);
}

function overviewHeads() {
  if (!targets.length) return [headCell("η at the least B"), headCell("η at the largest B")];
  const heads = targets.map((size) => headCell("η at B = " + formatCount(size)));
  const wide = { class: "wide-only" };
  return targets.length > 1 ? heads : [...heads, headCell(levelText + " interval", wide),
    headCell("expected regret", wide), headCell("beyond runs", wide)];
}

function showOverview() {
  if (fit.groups.length < 2 || !answered.length) return;
  byId("overview").append(tableOf(targets.length > 1 ? "overview many" : "overview", "The answer for each setting",
    [headCell("setting"), ...overviewHeads()], fit.groups.map(overviewRow)));
}

// What was taken as what, and what was left out, so that nobody has to trust a guess.
function showSource() {
  if (!fit.said.length) return;
  byId("source").hidden = false;
  byId("source-list").append(...fit.said.map((sentence) => element("li", {}, capital(sentence) + ".")));
}
