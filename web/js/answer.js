// The answer: the conclusion in large type, and the learning rate to use at each batch size.
const signs = { holds: "✓", fails: "✗", "cannot tell": "?" };
const tones = { holds: "holds", fails: "fails", "cannot tell": "unsure" };

function verdictCell(row) {
  if (!row) return element("td", {}, "");
  const below = element("span", { class: "under" },
    element("span", { class: "wide-only" }, "η "), formatLr(row.lr) + (row.stand_ins.length ? " †" : ""));
  const also = movesMore(row) ? formatMoved(row.moved).split(", ") : [];
  if (row.batch_size === summary.study.base_batch_size) {
    return element("td", { title: "every rule starts here, so nothing is tested" },
      element("span", { class: "unsure" }, "–"), below);
  }
  const sign = element("span", { class: "sign", "aria-hidden": "true" }, signs[row.verdict]);
  const better = row.regret_high !== null && row.regret_high < 0;
  const word = element("span", { class: "word" }, " " + (better ? "better" : row.verdict));
  return element("td", { title: row.explanation },
    element("span", { class: "verdict " + tones[row.verdict] }, sign, word), below,
    ...also.map((text) => element("span", { class: "under wide-only" }, text)));
}

// Of what is recommended: measured of a recipe, the fitted curve's of a learning rate.
function lossOf(row) {
  return row.rule ? ruleAt(row.rule, row.batch_size).loss : optimumAt(row.batch_size)?.fitted_loss ?? null;
}

// Of a workload that has a closed form, a cell in every row.
function exactCells(batchSize) {
  if (!summary.exact_optima.length) return [];
  const exact = summary.exact_optima.find((row) => row.batch_size === batchSize);
  return [element("td", {}, exact ? formatEstimate(exact.lr) : "–")];
}

// Whether there is a target that not every run at the best η comes to.
const isMissed = (batchSize) => (summary.target?.steps_to_target ?? [])
  .some((row) => row.batch_size === batchSize && row.state === "not reached");

// A recipe that beats every learning rate has no interval for its learning rate, but a loss.
function answerRow(row) {
  const interval = row.rule ? "with " + formatMoved(row.moved)
    : formatInterval(row.lr_low, row.lr_high, formatEstimate);
  const loss = lossOf(row);
  return element("tr", { class: ruleNames.length && row.batch_size === summary.study.base_batch_size ? "base" : null,
    "data-batch": row.batch_size },
    element("th", { scope: "row" }, row.batch_size),
    element("td", { title: row.reason }, element("span", { class: "use" }, formatEstimate(row.lr)),
      element("span", { class: "under narrow-only" }, interval),
      ...(hasMoved(row) && !row.rule
        ? [element("span", { class: "under" }, "with " + formatMoved(row.moved))] : [])),
    element("td", { class: row.rule ? "wide-only recipe" : "wide-only" }, interval),
    element("td", { class: "wide-only" }, isMissed(row.batch_size) ? "not reached" : loss === null ? "–" : formatObjective(shown(loss))),
    ...exactCells(row.batch_size),
    ...ruleNames.map((rule) => verdictCell(ruleAt(rule, row.batch_size))));
}

function answerTable() {
  const head = (text, extra) => element("th", { scope: "col", ...extra }, text);
  const rows = [...summary.recommendations].sort((a, b) => a.batch_size - b.batch_size);
  return sortable(element("table", {},
    element("thead", {}, element("tr", {}, head("B"), head("use η"),
      head(levelText + " interval", { class: "wide-only" }), head(lossWord + " there", { class: "wide-only" }),
      ...(summary.exact_optima.length ? [head("exact η")] : []),
      ...ruleNames.map((rule) => head(rule)))),
    element("tbody", {}, ...rows.map(answerRow))));
}

function answerAsText() {
  const also = [...new Set(summary.recommendations.flatMap((row) => Object.keys(row.moved)))];
  const lines = [["batch_size", "lr", "lr_low", "lr_high", lossWord, ...also].join("\t")];
  for (const row of summary.recommendations) {
    const known = lossOf(row);
    const loss = known === null ? "" : shown(known);
    lines.push([row.batch_size, row.lr, row.lr_low ?? "", row.lr_high ?? "", loss,
      ...also.map((name) => row.moved[name] ?? "")].join("\t"));
  }
  return lines.join("\n") + "\n";
}

function budgetText() {
  const { study } = summary;
  if (study.budget_steps > 0) return plural(study.budget_steps, "step");
  if (study.budget_examples === 0) return "the program's own";
  if (study.examples_per_epoch === 0 || isPartOfEpoch) return plural(study.budget_examples, "example");
  const epochs = study.budget_examples / study.examples_per_epoch;
  return plural(Number(epochs.toPrecision(3)), "epoch");
}

// "3 seeds"; "up to 6 seeds" where some learning rates took more than others begin with.
function seedsText() {
  const { seeds } = summary.study;
  const most = [...cells.values()].reduce((greatest, cell) => Math.max(greatest, cell.trials.length), seeds);
  return (most > seeds ? "up to " : "") + plural(most, "seed");
}

// "163, 87 to 313"; a bound where an end is open.
function criticalText({ value, low, high }) {
  if (low === null && high === null) return "cannot tell";
  if (low === null) return "at most " + formatEstimate(high);
  if (high === null) return "at least " + formatEstimate(low);
  return formatEstimate(value) + ", " + formatInterval(low, high, formatEstimate);
}

function targetFacts() {
  if (!target) return [];
  const critical = target.critical_batch_size;
  return [["Critical batch size of " + target.metric + " " + target.value,
    critical ? criticalText(critical) : "cannot tell"]];
}

function showFacts() {
  const { study, exponent } = summary;
  const facts = [
    ["Budget of every trial", budgetText()],
    ["Trials", formatCount(summary.trials) + ", " + seedsText()],
    ["Took", formatSeconds(summary.wall_seconds)],
    ...(summary.optima.length || summary.recommendations.length
      ? [["Counts as the same", "within " + formatNearness(study.tolerance)]] : []),
  ];
  facts.unshift(...targetFacts());
  if (exponent && !summary.conclusion.includes("B^")) {
    const interval = exponent.low === null && exponent.high === null ? ""
      : ", " + formatInterval(exponent.low, exponent.high, (value) => value.toFixed(2));
    facts.unshift(["Best η goes as",
      element("span", {}, "B", element("sup", {}, exponent.exponent.toFixed(2)), interval)]);
  }
  fill("facts", ...facts.map(([term, text]) =>
    element("div", {}, element("dt", {}, term), element("dd", {}, text))));
}

function standInNote() {
  const rows = summary.rules.filter((row) => row.stand_ins.length);
  if (!rows.length) return "";
  return " † the rule has no valid value here and its documented stand-in was run, an extrapolation: " +
    rows.map((row) => row.rule + " at B=" + row.batch_size + ": " + row.stand_ins.join("; ")).join(". ") + ".";
}

function rulesNote() {
  const { study } = summary;
  return "✓ holds: the rule's " + lossWord + (target ? " are" : " is") + " within " + (target ? formatShare(study.tolerance) : formatTolerance(study.tolerance)) +
    " of the best at this batch size, with the whole " + levelText + " interval" +
    (summary.rules.some((row) => row.regret_high !== null && row.regret_high < 0)
      ? " (better: it is below every η's with the settings as they are)" : "") + ". ✗ fails: it is " +
    "not, or its runs diverged. ? the data cannot tell. – the rules start here. Below each, " +
    (movingRules.length ? "what the rule says: the " + listed(movingRules.map(ruleTitle)) +
      " is tested with all it moves, against the best η with the settings as they are." : "the η that the rule says.") +
    standInNote();
}

function showAnswer() {
  const { study } = summary;
  document.title = "Etalon: " + study.name;
  byId("subject").textContent = study.name;
  byId("question").textContent = "How must the learning rate move with the batch size?";
  const [, first, rest] = summary.conclusion.match(/^(.+?[.!?])(?:\s+(?=\S)([^]*))?$/) ??
    [null, summary.conclusion, ""];
  fill("conclusion", ...withPowers(first || "The study has no answer yet."));
  fill("lead", ...withPowers((target ? target.conclusion + " " : "") + (rest ?? "")));
  byId("interrupted").hidden = !study.interrupted || isLive;
  showFacts();
  fill("answer-table", ...(summary.recommendations.length ? [answerTable()] : []));
  byId("answer-note").textContent = ruleNames.length ? rulesNote() : "";
  const button = byId("copy-answer");
  button.onclick = () => copyText(answerAsText(), button);
  button.parentElement.hidden = !summary.recommendations.length;  // with the table's title
}
