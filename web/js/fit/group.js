// A part of the page for each group of runs: its table, its charts, its laws.
function predictionRow(each) {
  const interval = formatInterval(each.lr_low, each.lr_high, formatEstimate);
  return element("tr", {},
    element("th", { scope: "row" }, formatCount(each.batch_size)),
    element("td", {}, element("span", { class: "use" }, formatEstimate(each.lr)),
      element("span", { class: "under narrow-only" }, interval)),
    element("td", { class: "interval wide-only" }, interval),
    element("td", {}, formatRegret(each.expected_regret)),
    ...each.rules.map((rule) => element("td", {}, formatRegret(rule.expected_regret),
      element("span", { class: "under" }, "η " + formatEstimate(rule.lr)))),
    element("td", { class: "wide-only" }, beyond(each)));
}

function predictionTable(group) {
  const wide = { class: "wide-only" };
  return tableOf("predictions", "The learning rates to use", [headCell("batch size"), headCell("use η"),
    headCell(levelText + " interval", wide), headCell("expected regret"),
    ...group.predictions[0].rules.map((rule) => headCell(ruleTitle(rule.rule))),
    headCell("beyond runs", wide)], group.predictions.map(predictionRow));
}

function lawRow(law) {
  const coefficients = Object.entries(law.coefficients).map(([name, { value, low, high }]) =>
    element("span", { class: "pair" }, name + " = " + formatEstimate(value) + " (" +
      formatInterval(low, high, formatEstimate) + ")"));
  return element("tr", {},
    element("th", { scope: "row" }, law.law.replaceAll("_", " ")),
    element("td", {}, formatPercent(law.weight)),
    element("td", { class: "text" }, ...coefficients));
}

function showGroup(group) {
  const id = groupId(group);
  const pairs = pairsOf(group).map((pair) => element("span", { class: "pair" }, pair.join(" ")));
  const section = element("section", { id, class: "group", "aria-labelledby": id + "-title" },
    element("h2", { id: id + "-title", class: titleOf(group).length > 80 ? "long" : null },
      ...(pairs.length ? pairs : ["All runs"])));
  byId("figures").append(section);
  if (group.refused !== null) {
    section.append(element("p", { class: "refusal" }, element("b", {}, "Not enough data: "), group.refused + "."));
  } else if (group.predictions.length) {
    section.append(predictionTable(group));
  }
  addLaws(group, id);
  addLosses(group, id);
  if (group.laws.length) {
    (byId(id + "-laws") ?? section).append(element("details", {},
      element("summary", {}, "The laws and their coefficients"),
      tableOf("laws", "The laws and their coefficients", [headCell("law"), headCell("weight"),
        headCell("coefficients, with " + levelText + " intervals", { class: "text" })], group.laws.map(lawRow))));
  }
}
