// The study as the page reads it. A cell is one (batch size, learning rate, what else a rule moved):
// its trials differ by seed only. The cells that moved nothing else are the sweep.
const study = JSON.parse(document.getElementById("data").textContent);
const { summary, trials } = study;
const batchSizes = summary.study.batch_sizes;
const ruleNames = [...new Set(summary.rules.map((row) => row.rule))];
const hasAccuracy = trials.some((trial) => trial.validation_accuracy !== null);
const hasEpochs = trials.some((trial) => trial.curve.epoch.some((epoch) => epoch > 0));
// Whether the budget is so small a part of the data, a large text's say, that examples say more.
const isPartOfEpoch = summary.study.budget_examples > 0 &&
  summary.study.budget_examples * 10 < summary.study.examples_per_epoch;
// Whether the trials were runs of a program of the user's, which keeps to itself what it trains.
const isProgram = "program.metric" in summary.study.settings;
const hasTrainingLoss = trials.some((trial) => trial.curve.train_loss.some((loss) => loss !== null));
const hasCurves = trials.some((trial) => trial.curve.step.length > 1);

// A metric that is better the greater it is goes through the study as its negative, and is shown as
// the program said it.
const maximizes = summary.study.direction === "maximize";
const { target } = summary;  // null: none
// Of a target the objective is the logarithm of the steps, while curves keep the program's metric.
const shown = (loss) => (maximizes ? -loss : target ? Math.exp(loss) : loss);
const curvesAreNegative = maximizes || (isProgram && target?.metric === "accuracy");
const lossWord = maximizes ? summary.study.objective : target ? "steps" : "loss";
// What curves that are better the greater they are show.
const curveName = maximizes ? summary.study.objective : summary.study.settings["program.metric"];
// "validation loss", "steps to loss 0.1"
const objectiveText = summary.study.objective.replace(/^ln (?=steps )/, "");
// Whether a trial ended without having come to the target.
const isMissedTrial = (trial) => Boolean(target) && trial.state === "finished" &&
  trial.objective > Math.log(Math.max(1, trial.steps));

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const lrKey = (lr) => lr.toPrecision(9);
// Whether other settings move with the batch size whatever the learning rate: they are then part of
// the batch size, and no rule's.
const settingsMove = trials.some((trial) => Object.keys(trial.moved).length > 0) &&
  batchSizes.every((batchSize) => new Set(trials.filter((trial) => trial.batch_size === batchSize)
    .map((trial) => JSON.stringify(trial.moved))).size < 2);
const cellKey = (batchSize, lr, moved) =>
  batchSize + " " + lrKey(lr) + " " + (settingsMove ? "" : JSON.stringify(moved ?? {}));
const hasMoved = (row) => Object.keys(row.moved ?? {}).length > 0;
const movesMore = (row) => !settingsMove && hasMoved(row);

const cells = new Map();
for (const trial of trials) {
  const key = cellKey(trial.batch_size, trial.lr, trial.moved);
  if (!cells.has(key)) {
    cells.set(key, { batchSize: trial.batch_size, lr: trial.lr, moved: trial.moved, trials: [] });
  }
  cells.get(key).trials.push(trial);
}
for (const cell of cells.values()) {
  const finished = cell.trials.filter((trial) => trial.state === "finished");
  cell.diverged = cell.trials.filter((trial) => trial.state === "diverged").length;
  cell.failed = cell.trials.filter((trial) => trial.state === "failed").length;
  cell.pruned = cell.trials.filter((trial) => trial.state === "pruned").length;
  cell.missed = finished.some(isMissedTrial);
  cell.loss = cell.diverged || !finished.length ? null : mean(finished.map((t) => t.objective));
  const accuracies = finished.map((t) => t.validation_accuracy).filter((a) => a !== null);
  cell.accuracy = cell.diverged || !accuracies.length ? null : mean(accuracies);
}

const sweep = [...cells.values()].filter((cell) => !movesMore(cell));

const cellAt = (batchSize, lr, moved) => cells.get(cellKey(batchSize, lr, moved));
const optimumAt = (batchSize) => summary.optima.find((row) => row.batch_size === batchSize);
const ruleAt = (rule, batchSize) =>
  summary.rules.find((row) => row.rule === rule && row.batch_size === batchSize);

// Rules that are a point of the sweep at every batch size, and those that move more.
const movingRules = ruleNames.filter((rule) => summary.rules.some((row) => row.rule === rule && movesMore(row)));
const sweepRules = ruleNames.filter((rule) => !movingRules.includes(rule));

// The cell that a rule picks at a batch size; "tuned" picks the best learning rate that was tried.
function chosenCell(rule, batchSize) {
  const row = rule === "tuned" ? optimumAt(batchSize) : ruleAt(rule, batchSize);
  return row && cellAt(batchSize, rule === "tuned" ? row.best_lr : row.lr, row.moved);
}

// The mean over seeds of a cell's curve, as [x, y] points. `x` is "epochs", "steps" or "examples",
// `y` "train_loss" or "validation_loss", the latter as it is shown. It ends where the first seed's curve ends.
function meanCurve(cell, x, y) {
  const curves = cell.trials.map((trial) => trial.curve).filter((curve) => curve.step.length);
  if (!curves.length) return [];
  const points = [];
  const length = Math.min(...curves.map((curve) => curve.step.length));
  for (let i = 0; i < length; i++) {
    const values = curves.map((curve) => curve[y][i]);
    if (values.some((value) => value === null)) continue;
    const step = curves[0].step[i];
    if (x === "steps" && step < 1) continue;  // has no place on a logarithmic axis
    const at = { epochs: curves[0].epoch[i], steps: step, examples: step * cell.batchSize }[x];
    points.push([at, y === "validation_loss" && curvesAreNegative ? -mean(values) : mean(values)]);
  }
  return points;
}
