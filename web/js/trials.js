// The table of all trials, sorted by any column.
const trialColumns = [
  ["trial", (t) => t.id, String],
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
  return element("tr", {}, ...trialColumns.map(([title, value, format]) => {
    const shown = value(trial);
    const tone = title === "message" ? "text message" : isTextColumn(title) ? "text" : null;
    return element("td", { class: tone }, shown === null || shown === "" ? "–" : format(shown, trial));
  }));
}

function trialsTable() {
  const body = element("tbody");
  const heads = [];
  const sort = (column, direction) => {
    heads.forEach((head, i) => head.setAttribute("aria-sort",
      i !== column ? "none" : direction > 0 ? "ascending" : "descending"));
    heads.forEach((head, i) => (head.firstChild.textContent =
      trialColumns[i][0] + (i !== column ? "" : direction > 0 ? " ↑" : " ↓")));
    const sorted = [...trials].sort(compareTrials(trialColumns[column][1], direction));
    body.replaceChildren(...sorted.map(trialRow));
  };
  trialColumns.forEach(([title], i) => {
    const button = element("button", { type: "button" }, title);
    const head = element("th", { scope: "col", class: isTextColumn(title) ? "text" : null }, button);
    button.addEventListener("click", () =>
      sort(i, head.getAttribute("aria-sort") === "ascending" ? -1 : 1));
    heads.push(head);
  });
  sort(0, 1);
  return element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
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

function showTrials() {
  const training = summary.trial_seconds;
  byId("trials-says").textContent = plural(summary.trials, "trial") + ", " + summary.trials_diverged +
    " diverged, " + summary.trials_failed + " failed" +
    (summary.trials_pruned ? ", " + summary.trials_pruned + " pruned" : "") + ": " + formatSeconds(training) +
    " of trials in " + formatSeconds(summary.wall_seconds) +
    ". The same rows are in trials.csv, the points of their curves in curves.csv.";
  showFailures();
  showPruned();
  byId("trials-table").append(trialsTable());
}
