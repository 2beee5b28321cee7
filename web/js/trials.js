// The table of all trials, sorted by any column. Its rows are made when they are looked at, so many
// at a time that a page of thousands opens at once.
const allTrialColumns = () => [
  ["trial", (t) => t.id, trialLink],
  ["stage", (t) => t.stage, String],
  ["B", (t) => t.batch_size, String],
  ["η", (t) => t.lr, formatLr],
  ["also moved", (t) => formatMoved(t.moved), String],
  ["seed", (t) => t.seed, String],
  ["state", (t) => (t.state === "diverged" ? "diverged at step " + t.diverged_step : t.state), String],
  [target ? "steps to target" : lossWord, (t) => (t.state === "pruned" ? null : t.objective), (loss, t) =>
    (isMissedTrial(t) ? "not reached" : formatObjective(shown(loss)))],
  ["accuracy", (t) => t.validation_accuracy, formatPercent],
  ["steps", (t) => t.steps, formatCount],
  ["seconds", (t) => t.wall_seconds, (seconds) => seconds.toFixed(2)],
  ["message", (t) => t.message.split("\n")[0], String],
].filter(([title]) => (title !== "accuracy" || hasAccuracy) &&
  (title !== "also moved" || movingRules.length > 0 || settingsMove) &&
  (title !== "message" || trials.some((t) => t.message)));

const isTextColumn = (title) => ["stage", "also moved", "state", "message"].includes(title);

function compareTrials(value, direction) {
  return (a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    return direction * (typeof x === "string" ? x.localeCompare(y) : x - y);
  };
}

function trialRow(trial) {
  return element("tr", { "data-batch": trial.batch_size }, ...allTrialColumns().map(([title, value, format]) => {
    const shown = value(trial);
    const tone = title === "message" ? "text message" : isTextColumn(title) ? "text" : null;
    return element("td", { class: tone }, shown === null || shown === "" ? "–" : format(shown, trial));
  }));
}

const kRowsAtOnce = 500;
// What the reader made of the table, which outlives the table itself.
const trialsView = { column: 0, direction: 1, rows: kRowsAtOnce };

function fillTrialRows(body) {
  const value = allTrialColumns()[trialsView.column][1];
  const chosen = trials.filter(isWanted).sort(compareTrials(value, trialsView.direction));
  body.replaceChildren(...chosen.slice(0, trialsView.rows).map(trialRow));
  byId("more-trials").hidden = chosen.length <= trialsView.rows;
  byId("more-trials").textContent = "Show " + formatCount(chosen.length - trialsView.rows) + " more";
}

// By batch size, state, and the rule whose learning rate it is.
function isWanted(trial) {
  const rule = state.only_rule && ruleAt(state.only_rule, trial.batch_size);
  return (!state.only_size || String(trial.batch_size) === state.only_size) &&
    (!state.only_state || trial.state === state.only_state) &&
    (!state.only_rule || Boolean(rule && cellAt(rule.batch_size, rule.lr, rule.moved)?.trials.includes(trial)));
}

function addFilter(name, label, values) {
  if (values.length < 2) return [];
  const select = element("select", {}, element("option", { value: "" }, "all"), ...values.map((value) => element("option", { value }, value)));
  select.value = state[name];
  select.addEventListener("change", () => {
    writeState(name, select.value);
    fillTrialRows(byId("trials-table").querySelector("tbody"));
  });
  return [element("label", { class: "filter" }, label + " ", select)];
}

function showFilters() {
  if (byId("trials-filters").contains(document.activeElement)) return;
  fill("trials-filters", ...addFilter("only_size", "B", batchSizes),
    ...addFilter("only_state", "state", [...new Set(trials.map((trial) => trial.state))].sort()),
    ...addFilter("only_rule", "rule", ruleNames));
}

function trialHead(columns, i, body, heads) {
  const [title] = columns[i];
  const arrow = element("span", { class: "arrow", "aria-hidden": "true" });
  const button = element("button", { type: "button" }, title, arrow);
  const head = element("th", { scope: "col", class: isTextColumn(title) ? "text" : null }, button);
  button.addEventListener("click", () => {
    trialsView.direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    trialsView.column = i;
    markSorted(heads);
    fillTrialRows(body);
  });
  return head;
}

function markSorted(heads) {
  heads.forEach((head, i) => {
    const sorted = i === trialsView.column;
    head.setAttribute("aria-sort", !sorted ? "none" : trialsView.direction > 0 ? "ascending" : "descending");
    head.querySelector(".arrow").textContent = !sorted ? "" : trialsView.direction > 0 ? "↑" : "↓";
  });
}

function trialsTable() {
  const body = element("tbody"), heads = [], columns = allTrialColumns();
  columns.forEach((_, i) => heads.push(trialHead(columns, i, body, heads)));
  markSorted(heads);
  return element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
}

function showTrialRows() {
  const body = byId("trials-table").querySelector("tbody");
  if (byId("trials-details").open && !body.firstChild) fillTrialRows(body);
}

// What failed, with the end of what it printed.
function showFailures() {
  for (const trial of trials.filter((each) => each.state === "failed")) {
    const [first, ...rest] = trial.message.split("\n");
    const title = "Trial " + trial.id + " failed at B=" + trial.batch_size + ", η=" +
      formatLr(trial.lr) + ": " + first;
    byId("failures").append(rest.length
      ? element("details", summary.recommendations.length ? {} : { open: "" }, element("summary", {}, title), element("pre", {}, rest.join("\n")))
      : element("p", {}, title));
  }
}

// What was stopped before its end, when, and against what.
function showPruned() {
  const pruned = trials.filter((trial) => trial.state === "pruned");
  if (!pruned.length) return;
  const lines = pruned.map((trial) => "Trial " + trial.id + ", B=" + trial.batch_size + ", η=" +
    formatLr(trial.lr) + ", seed " + trial.seed + ": " + trial.message);
  byId("failures").append(element("details", {},
    element("summary", {}, plural(pruned.length, "trial") + " pruned: stopped before the end, where others " +
      "did better. They count as bounds, not as losses."),
    element("pre", {}, lines.join("\n"))));
}

// Made anew only where there are others, so that what is being read stays open.
function showLosses() {
  const said = JSON.stringify(trials.filter((trial) => trial.state === "failed" || trial.state === "pruned")
    .map((trial) => [trial.id, trial.state, trial.message]));
  if (byId("failures").dataset.said === said) return;
  byId("failures").dataset.said = said;
  byId("failures").replaceChildren();
  showFailures();
  showPruned();
}

const fileLink = (name) => element("a", { href: name }, name);

function showTrials() {
  const training = summary.trial_seconds;
  fill("trials-says", plural(summary.trials, "trial") + ", " + summary.trials_diverged +
    " diverged, " + summary.trials_failed + " failed" +
    (summary.trials_pruned ? ", " + summary.trials_pruned + " pruned" : "") + ": " + formatSeconds(training) +
    " of trials in " + formatSeconds(summary.wall_seconds) + ". The same rows are in ", fileLink("trials.csv"),
    ", the points of their curves in ", fileLink("curves.csv"), ".");
  showLosses();
  showFilters();
  fill("trials-table", trialsTable());
  byId("trials-details").ontoggle = showTrialRows;
  byId("more-trials").onclick = () => {
    trialsView.rows = Infinity;
    fillTrialRows(byId("trials-table").querySelector("tbody"));
  };
  showTrialRows();
}
