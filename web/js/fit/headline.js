// The answer in large type: one learning rate where there is one, else how many settings have one.
const atSizes = (sizes) => (sizes.length > 3
  ? plural(sizes.length, "batch size")
  : "batch size" + (sizes.length > 1 ? "s " : " ") + listed(sizes.map(formatCount)));

// "For tiny, ..." where others were asked too.
const subjectOf = (group) => (fit.groups.length > 1 ? "For " + shortened(titleOf(group)) + ", " : "");
const capital = (text) => text[0].toUpperCase() + text.slice(1);

function distance(row) {
  return row.extrapolation <= 1 ? "That is inside the batch sizes that were run."
    : "That is " + formatFactor(row.extrapolation) + " beyond the runs; the nearest one has B = " +
      formatCount(row.nearest_batch_size) + ".";
}

function placeOf(row) {
  if (row.lr_low === null) return " lies at " + formatEstimate(row.lr_high) + " or below";
  if (row.lr_high === null) return " lies at " + formatEstimate(row.lr_low) + " or above";
  return " lies between " + formatEstimate(row.lr_low) + " and " + formatEstimate(row.lr_high);
}

function headlineOfOne(group) {
  const rows = group.predictions;
  const last = rows.at(-1);
  const lead = "The best learning rate " + (rows.length > 1 ? "at " + formatCount(last.batch_size) : "there") +
    placeOf(last) + " with a probability of " + levelText + ". " + distance(last);
  if (rows.length === 1) {
    return [capital(subjectOf(group) + "at batch size " + formatCount(last.batch_size) +
      ", train with η = " + formatEstimate(last.lr) + "."), lead];
  }
  const shown = rows.length > 3 ? [rows[0], last] : rows;
  const parts = shown.map((row, i) => formatEstimate(row.lr) + " at " + (i ? "" : "batch size ") +
    formatCount(row.batch_size));
  return [capital(subjectOf(group) + "train with η " +
    (rows.length > 3 ? "from " + parts.join(" to ") : "= " + listed(parts)) + "."), lead];
}

// Nothing was asked for: what to use at the batch sizes that were run.
function headlineOfRuns(group) {
  const lead = "Ask for a batch size with --to, and this page says which η to use there.";
  const at = (row) => formatEstimate(row.lr) + " at B = " + formatCount(row.batch_size);
  const rows = group.at_runs;
  return [capital(subjectOf(group) + "train with η " + (rows.length > 1
    ? "from " + at(rows[0]) + " to " + at(rows.at(-1)) : "= " + at(rows[0])) + "."), lead];
}

function headlineOfMany() {
  const settings = (answered.length < fit.groups.length ? formatCount(answered.length) + " of " : "") +
    plural(fit.groups.length, "setting");
  const lead = "The settings differ in " + listed(Object.keys(answered[0].key)) + ". ";
  if (!targets.length) {
    return ["The η to use by batch size, for " + settings + ".",
      lead + "Ask for a batch size with --to, and this page says which η to use there."];
  }
  const about = lead + "The table has the η to use in each and the interval that holds the best one with a " +
    "probability of " + levelText + ".";
  if (targets.length > 1) return ["The η to use at " + atSizes(targets) + ", for " + settings + ".", about];
  const rates = answered.map((group) => group.predictions[0].lr).sort((a, b) => a - b);
  const [low, high] = [rates[0], rates.at(-1)].map(formatEstimate);
  return ["At " + atSizes(targets) + ", the η to use " + (low === high ? "is " + low + " in "
    : "ranges from " + low + " to " + high + " over ") + settings + ".", about];
}

function headlineOfNone() {
  if (fit.groups.length === 1) {
    return ["Not enough runs yet to say how η moves with B.", capital(fit.groups[0].refused) + "."];
  }
  return ["Not enough runs yet in any of " + plural(fit.groups.length, "setting") + ".",
    "Each says below which runs to add before it can say how η moves with B."];
}

function headline() {
  if (!answered.length) return headlineOfNone();
  if (answered.length > 1) return headlineOfMany();
  const [conclusion, lead] = targets.length ? headlineOfOne(answered[0]) : headlineOfRuns(answered[0]);
  const refused = fit.groups.length - 1;
  return [conclusion, lead + (refused ? " The other " + plural(refused, "setting") +
    (refused === 1 ? " has" : " have") + " too few runs for an answer." : "")];
}

function factsOfRuns() {
  const cells = fit.groups.flatMap((group) => group.cells);
  const span = (values, format) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? format(low) : format(low) + " to " + format(high);
  };
  const total = (key) => fit.groups.reduce((sum, group) => sum + group[key], 0);
  const facts = [["Runs", formatCount(total("runs")) + (total("diverged") ? ", " + formatCount(total("diverged")) +
    " diverged" : "")],
    ["Batch sizes", span(cells.map((cell) => cell.batch_size), formatCount)],
    ["Learning rates", span(cells.map((cell) => cell.lr), formatLr)], ["Intervals", levelText]];
  if (fit.groups.length > 1) {
    facts.splice(1, 0, ["Settings", formatCount(fit.groups.length) + ", " +
      (answered.length < fit.groups.length ? formatCount(answered.length) : "all") + " answered"]);
  }
  return facts;
}

function showHeadline() {
  document.title = "Etalon: fit of " + fit.source;
  byId("subject").textContent = "fit of " + fit.source;
  const [conclusion, lead] = headline();
  byId("conclusion").textContent = conclusion;
  byId("lead").textContent = lead;
  for (const [term, value] of factsOfRuns()) {
    byId("facts").append(element("div", {}, element("dt", {}, term), element("dd", {}, value)));
  }
}
