// A part of the page for each group of runs: its table, its charts, its laws.
function predictionRow(each, rules) {
  const interval = formatInterval(each.lr_low, each.lr_high, formatEstimate);
  return element("tr", {},
    element("th", { scope: "row" }, formatCount(each.batch_size)),
    element("td", {}, element("span", { class: "use" }, formatEstimate(each.lr)),
      element("span", { class: "under narrow-only" }, interval)),
    element("td", { class: "interval wide-only" }, interval),
    element("td", {}, formatRegret(each.expected_regret, each.greatest_told)),
    ...rules.map((name) => ruleCell(each.rules.find((rule) => rule.rule === name), each.greatest_told)),
    element("td", { class: "wide-only" }, beyond(each)));
}

// What was asked for, then the batch sizes that were run, which no rule has to reach.
const rowsOf = (group) =>
  [...group.predictions, ...group.at_runs.filter((row) => !targets.includes(row.batch_size))];

function predictionTable(group) {
  const wide = { class: "wide-only" };
  const rules = group.predictions.some((each) => each.rules.length) ? ruleNames : [];
  return tableOf("predictions", "The learning rates to use", [headCell("batch size"), headCell("use η"),
    headCell(levelText + " interval", wide), headCell("expected regret"),
    ...rules.map((rule) => headCell(ruleTitle(rule))), headCell("beyond runs", wide)],
    rowsOf(group).map((each) => predictionRow(each, rules)));
}

// Where laws and loss surface have nothing in common, in one place.
function showDisagreements(section, group) {
  const rows = rowsOf(group).filter((row) => row.disagreement);
  if (!rows.length) return;
  section.append(element("p", { class: "warning" },
    element("b", {}, "The laws and the loss surface disagree. "),
    rows.map((row) => "At batch size " + formatCount(row.batch_size) + " " + row.disagreement.text + ".").join(" ")));
}

const ruleCell = (rule, greatest) => (rule ? element("td", {}, formatRegret(rule.expected_regret, greatest),
  element("span", { class: "under" }, "η " + formatEstimate(rule.lr))) : element("td", {}));

const sentenceOf = (text) => capital(text) + (text.endsWith(".") ? "" : ".");

function lawRow(law) {
  const coefficients = Object.entries(law.coefficients).map(([name, { value, low, high }]) =>
    element("span", { class: "pair" }, name + " = " + formatEstimate(value) + " (" +
      formatInterval(low, high, formatEstimate) + ")"));
  return element("tr", {},
    element("th", { scope: "row" }, law.law.replaceAll("_", " ")),
    element("td", {}, formatPercent(law.weight)),
    element("td", { class: "text formula" }, law.formula),
    element("td", { class: "text" }, ...coefficients));
}

function showGroup(group) {
  const id = groupId(group);
  const pairs = pairsOf(group).map((pair) => element("span", { class: "pair" }, pair.join(" ")));
  const section = element("section", { id, class: fit.groups.length > 1 ? "group" : "group alone", "aria-labelledby": id + "-title" },
    element("h2", { id: id + "-title", class: titleOf(group).length > 80 ? "long" : null },
      ...(pairs.length ? pairs : ["All runs"])));
  byId("figures").append(section);
  if (group.refused !== null) {
    section.append(element("p", { class: "refusal" }, element("b", {}, "Not enough data: "), group.refused + "."));
  } else {
    if (group.caution) section.append(element("p", { class: "warning" }, sentenceOf(group.caution)));
    section.append(predictionTable(group));
    showDisagreements(section, group);
  }
  for (const note of group.notes) section.append(element("p", { class: "warning" }, sentenceOf(note)));
  addLaws(group, id);
  addLosses(group, id);
  addMap(group, id);
  addCurves(group, id);
  if (group.laws.length) {
    (byId(id + "-laws") ?? section).append(element("details", { open: "" },
      element("summary", {}, "The laws and their coefficients"),
      tableOf("laws", "The laws and their coefficients", [headCell("law"), headCell("weight"),
        headCell("formula", { class: "text" }),
        headCell("coefficients, with " + levelText + " intervals", { class: "text" })], group.laws.map(lawRow))));
  }
}
