// The study as the page reads it: out of the page itself, and where the study is watched again
// whenever more of it is known. A cell is one (batch size, learning rate, what else a rule moved):
// its trials differ by seed only. The cells that moved nothing else are the sweep.
let study, summary, trials, batchSizes, ruleNames, hasAccuracy, hasEpochs, hasTrainingLoss, hasCurves;
let isPartOfEpoch;  // whether the budget is so small a part of the data, of a large text, that examples say more
let isProgram;  // whether trials are runs of the user's program, which keeps to itself what it trains
// A metric that is better the greater it is goes through the study as its negative, and is shown as
// the program said it.
let maximizes, curvesAreNegative, lossWord;
let curveName;  // what curves that are better the greater they are show
let target;  // null: none. Its objective is the logarithm of the steps; curves keep the program's metric.
let objectiveText;  // "validation loss", "steps to loss 0.1"
let settingsMove, cells, sweep, movingRules, sweepRules;

const shown = (loss) => (maximizes ? -loss : target ? Math.exp(loss) : loss);
// Whether a trial ended without having come to the target.
const isMissedTrial = (trial) => Boolean(target) && trial.state === "finished" &&
  trial.objective > Math.log(Math.max(1, trial.steps));

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const lrKey = (lr) => lr.toPrecision(9);
const cellKey = (batchSize, lr, moved) =>
  batchSize + " " + lrKey(lr) + " " + (settingsMove ? "" : JSON.stringify(moved ?? {}));
const hasMoved = (row) => Object.keys(row.moved ?? {}).length > 0;
const movesMore = (row) => !settingsMove && hasMoved(row);

// Trials of one course share the steps and epochs of their curves.
function giveCourse(trial) {
  const course = study.courses?.[trial.curve.course];
  if (course) Object.assign(trial.curve, course);
  for (const column of ["train_loss", "validation_loss"]) {
    trial.curve[column] ??= trial.curve.step.map(() => null);
  }
}

// Whether other settings move with the batch size whatever the learning rate: they are then part of
// the batch size, and no rule's.
const doSettingsMove = () => trials.some((trial) => hasMoved(trial)) &&
  batchSizes.every((batchSize) => new Set(trials.filter((trial) => trial.batch_size === batchSize)
    .map((trial) => JSON.stringify(trial.moved))).size < 2);

function addToCell(found, trial) {
  const key = cellKey(trial.batch_size, trial.lr, trial.moved);
  if (!found.has(key)) {
    found.set(key, { batchSize: trial.batch_size, lr: trial.lr, moved: trial.moved, trials: [] });
  }
  found.get(key).trials.push(trial);
}

function summarize(cell) {
  const finished = cell.trials.filter((trial) => trial.state === "finished");
  const count = (state) => cell.trials.filter((trial) => trial.state === state).length;
  const accuracies = finished.map((t) => t.validation_accuracy).filter((a) => a !== null);
  cell.diverged = count("diverged");
  cell.failed = count("failed");
  cell.pruned = count("pruned");
  cell.missed = finished.some(isMissedTrial);
  cell.loss = cell.diverged || !finished.length ? null : mean(finished.map((t) => t.objective));
  cell.accuracy = cell.diverged || !accuracies.length ? null : mean(accuracies);
}

function takeCells() {
  settingsMove = doSettingsMove();
  cells = new Map();
  for (const trial of trials) addToCell(cells, trial);
  for (const cell of cells.values()) summarize(cell);
  sweep = [...cells.values()].filter((cell) => !movesMore(cell));
}

function takeWords() {
  isProgram = "program.metric" in summary.study.settings;
  maximizes = summary.study.direction === "maximize";
  ({ target } = summary);
  curvesAreNegative = maximizes || (isProgram && target?.metric === "accuracy");
  lossWord = maximizes ? summary.study.objective : target ? "steps" : "loss";
  curveName = maximizes ? summary.study.objective : summary.study.settings["program.metric"];
  objectiveText = summary.study.objective.replace(/^ln (?=steps )/, "");
}

// Rules that are a point of the sweep at every batch size, and those that move more.
function takeRules() {
  ruleNames = [...new Set(summary.rules.map((row) => row.rule))];
  movingRules = ruleNames.filter((rule) => summary.rules.some((row) => row.rule === rule && movesMore(row)));
  sweepRules = ruleNames.filter((rule) => !movingRules.includes(rule));
}

function takeStudy(data) {
  study = data;
  ({ summary, trials } = study);
  batchSizes = summary.study.batch_sizes;
  [...trials, ...(study.live?.under_way ?? [])].forEach(giveCourse);
  takeWords();
  takeCells();
  takeRules();
  hasAccuracy = trials.some((trial) => trial.validation_accuracy !== null);
  hasEpochs = trials.some((trial) => trial.curve.epoch.some((epoch) => epoch > 0));
  isPartOfEpoch = summary.study.budget_examples > 0 &&
    summary.study.budget_examples * 10 < summary.study.examples_per_epoch;
  hasTrainingLoss = trials.some((trial) => trial.curve.train_loss.some((loss) => loss !== null));
  hasCurves = trials.some((trial) => trial.curve.step.length > 1);
}
takeStudy(JSON.parse(document.getElementById("data").textContent));

const cellAt = (batchSize, lr, moved) => cells.get(cellKey(batchSize, lr, moved));
const optimumAt = (batchSize) => summary.optima.find((row) => row.batch_size === batchSize);
const ruleAt = (rule, batchSize) =>
  summary.rules.find((row) => row.rule === rule && row.batch_size === batchSize);

// The cell that a rule picks at a batch size; "tuned" picks the best learning rate that was tried.
function chosenCell(rule, batchSize) {
  const row = rule === "tuned" ? optimumAt(batchSize) : ruleAt(rule, batchSize);
  return row && cellAt(batchSize, rule === "tuned" ? row.best_lr : row.lr, row.moved);
}

// How far a trial was at point `i` of its curve. Of a trial that ended, time is taken to pass evenly.
function placeOn(x, trial, i) {
  const { curve } = trial;
  if (x === "epochs") return curve.epoch[i];
  if (x === "time") return curve.seconds?.[i] ?? (trial.wall_seconds * curve.step[i]) / trial.steps;
  return curve.step[i] * (x === "steps" ? 1 : trial.batch_size);
}

// The mean over seeds of a cell's curve, as [x, y] points. `x` is "epochs", "steps", "examples" or
// "time", `y` "train_loss" or "validation_loss", the latter as it is shown. Of steps that all seeds have.
function meanCurve(cell, x, y) {
  const runs = cell.trials.filter((trial) => trial.curve.step.length);
  if (!runs.length) return [];
  const [first, ...others] = runs;
  const valueAt = others.map(({ curve }) => new Map(curve.step.map((step, i) => [step, curve[y][i]])));
  const sign = y === "validation_loss" && curvesAreNegative ? -1 : 1;
  return first.curve.step.map((step, i) => [placeOn(x, first, i),
    [first.curve[y][i], ...valueAt.map((values) => values.get(step) ?? null)]])
    .filter(([, values]) => values.every((value) => value !== null))
    .map(([at, values]) => [at, sign * mean(values)]);
}
