// The answer in words and tables, a part for each group.
const formatRegret = (regret) => (regret === 0 ? "0" : regret.toPrecision(2));

function showAnswer() {
  byId("source").textContent = "fit of " + fit.source;
  const answered = fit.groups.filter((group) => group.refused === null);
  const predictions = answered.flatMap((group) => group.predictions);
  const conclusion = byId("conclusion");
  if (!answered.length) {
    conclusion.textContent = "Not enough runs yet to say how η moves with B.";
  } else if (answered.length === 1 && predictions.length) {
    const last = predictions.at(-1);
    conclusion.textContent = "At batch size " + formatCount(last.batch_size) + ", train with η = " +
      formatEstimate(last.lr) + ".";
    byId("lead").textContent = "The best learning rate there lies between " +
      formatEstimate(last.lr_low) + " and " + formatEstimate(last.lr_high) + " with a probability of " +
      levelText + ". " + distance(last);
  } else {
    conclusion.textContent = "What " + plural(answered.length, "group") + " of runs say" +
      (answered.length === 1 ? "s" : "") + " about η and B.";
  }
  const refused = fit.groups.length - answered.length;
  const facts = [["Runs", formatCount(fit.groups.flatMap((g) => g.cells).reduce((n, c) => n + c.runs, 0))],
    ["Groups", formatCount(fit.groups.length)], ["Intervals", levelText],
    ["Refused", refused ? plural(refused, "group") : "none"]];
  for (const [term, value] of facts) {
    byId("facts").append(element("div", {}, element("dt", {}, term), element("dd", {}, value)));
  }
}

function distance(row) {
  return row.extrapolation <= 1 ? "That is inside the batch sizes that were run."
    : "That is " + formatFactor(row.extrapolation) + " beyond the runs; the nearest one has B = " +
      formatCount(row.nearest_batch_size) + ".";
}

function table(head, rows) {
  return element("div", { class: "answers", tabindex: 0, role: "region", "aria-label": head.join(", ") },
    element("table", {},
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
      element("tbody", {}, ...rows)));
}

function predictionRows(group) {
  return group.predictions.map((each) => element("tr", {},
    element("th", { scope: "row" }, formatCount(each.batch_size)),
    element("td", { class: "use" }, formatEstimate(each.lr)),
    element("td", { class: "interval" }, formatInterval(each.lr_low, each.lr_high, formatEstimate)),
    element("td", {}, formatRegret(each.expected_regret)),
    ...each.rules.map((rule) => element("td", {}, formatRegret(rule.expected_regret),
      element("span", { class: "under" }, "η " + formatEstimate(rule.lr)))),
    element("td", {}, each.extrapolation <= 1 ? "inside" : formatFactor(each.extrapolation))));
}

function lawRows(group) {
  return group.laws.map((law) => element("tr", {},
    element("th", { scope: "row" }, law.law.replaceAll("_", " ")),
    element("td", {}, formatPercent(law.weight)),
    element("td", { class: "text" }, Object.entries(law.coefficients).map(([name, c]) =>
      name + " = " + formatEstimate(c.value) + " (" + formatEstimate(c.low) + " to " +
      formatEstimate(c.high) + ")").join(", "))));
}

function showGroup(group, index) {
  const id = "group-" + index;
  const section = element("section", { id, class: "group", "aria-labelledby": id + "-title" },
    element("h2", { id: id + "-title" }, titleOf(group)));
  byId("figures").append(section);
  if (group.refused) {
    section.append(element("p", { class: "refusal" }, element("b", {}, "Not enough data: "), group.refused + "."));
  } else if (group.predictions.length) {
    section.append(table(["batch size", "use η", levelText + " interval", "expected regret",
      "linear rule", "square-root rule", "beyond runs"], predictionRows(group)));
  }
  addLaws(group, id);
  addLosses(group, id);
  if (group.laws.length) {
    const details = element("details", {}, element("summary", {}, "The laws and their coefficients"),
      table(["law", "weight", "coefficients"], lawRows(group)));
    byId(id + "-laws").append(details);
  }
}
