// Loss curves: of every batch size as a rule picks its learning rate; of every rule at one batch
// size; or of whatever pairs of batch size and learning rate are picked.
const isBase = (batchSize) => batchSize === (batchSizes.includes(summary.study.base_batch_size)
  ? summary.study.base_batch_size : batchSizes[0]);
// Where rules are furthest from one another.
const isFurthest = (batchSize) => batchSize === (isBase(batchSizes.at(-1)) ? batchSizes[0] : batchSizes.at(-1));
const isAny = () => true;
const picksOfView = () => (state.rule === "all" ? isBase : state.rule === "compare" ? isFurthest : isAny);
const pickedSizes = () => batchSizes.filter((batchSize) => isPicked("sizes", batchSize, picksOfView()));

const ratesOf = (sizes) => [...new Map(sweep.filter((cell) => sizes.includes(cell.batchSize))
  .map((cell) => [lrKey(cell.lr), cell.lr])).values()].sort((a, b) => a - b);
const pickedRates = (sizes) => ratesOf(sizes).filter((lr) => isPicked("rates", formatLr(lr), isAny));

function curveOf(cell, look, title = null) {
  const points = meanCurve(cell, state.x, state.y === "train" ? "train_loss" : "validation_loss");
  const settings = "B " + cell.batchSize + ", η " + formatLr(cell.lr) +
    (movesMore(cell) ? ", " + formatMoved(cell.moved) : "") + (cell.diverged ? ", diverged" : "");
  return { name: title ? title + ": " + settings : settings, points, look, batchSize: cell.batchSize, cell,
    diverged: cell.diverged > 0, isThin: false };
}

function linesOfRule() {
  return pickedSizes().map((batchSize) => [chosenCell(state.rule, batchSize), batchSize])
    .filter(([cell]) => cell).map(([cell, batchSize]) => curveOf(cell, batchLook(batchSizes.indexOf(batchSize))));
}

// What a tutorial shows: the base, and at another batch size what becomes of its learning rate.
function linesOfComparison() {
  const base = batchSizes.find(isBase), batchSize = pickedSizes().at(-1);
  const start = chosenCell("tuned", base);
  const atOther = [...ruleNames, "tuned"].map((rule) => [rule, chosenCell(rule, batchSize)]).filter(([, cell]) => cell);
  return [...(start && batchSize !== base ? [curveOf(start, baseLook(), "where the rules start")] : []),
    ...atOther.map(([rule, cell]) => curveOf(cell, ruleLook(rule), rule === "tuned" ? "best η" : ruleTitle(rule)))];
}
const baseLook = () => ({ color: colors.quiet, dash: [2, 3], shape: "none" });

// Coloured by learning rate where there is one batch size, else by batch size.
function rateLook(lr, rates) {
  const index = rates.indexOf(lr);
  return { color: viridisAt(rates.length < 2 ? 0 : index / (rates.length - 1)), dash: dashes[index % 3], shape: shapes[index % 4] };
}

function linesOfPicks() {
  const kMany = 16;
  const sizes = pickedSizes(), rates = pickedRates(sizes), all = ratesOf(sizes);
  const chosen = [...cells.values()].filter((cell) => sizes.includes(cell.batchSize) &&
    (movesMore(cell) ? state.sizes === "all" : rates.includes(cell.lr)));
  return chosen.map((cell) => ({ ...curveOf(cell, sizes.length > 1 ? batchLook(batchSizes.indexOf(cell.batchSize))
    : rateLook(cell.lr, all)), isThin: chosen.length > kMany }));
}

function curveLines() {
  const lines = state.rule === "all" ? linesOfPicks() : state.rule === "compare" ? linesOfComparison() : linesOfRule();
  return lines.filter((line) => line.points.length);
}

// Starts of curves and what hardly trains are cut.
function lossAxis(lines) {
  if (curvesAreNegative && state.y !== "train") {
    return cutAt(Infinity, lines.flatMap((line) => line.points.map((point) => point[1])));
  }
  return axisOfCurves(lines.filter((line) => !line.diverged).map((line) => line.points.at(-1)[1]),
    lines.flatMap((line) => line.points.map((point) => point[1])));
}

// "validation loss", or the program's own word for what is maximized.
const curveWord = () => (state.y === "train" ? "training loss"
  : curvesAreNegative ? curveName : "validation loss");

const curvesOption = (narrow) => {
  const lines = curveLines();
  return linesOption(narrow, lines, { over: state.x, axes: state.axes, yName: curveWord(),
    scale: lines.length ? lossAxis(lines) : { low: 0, high: 1 } });
};

const pointText = (series, [x, y]) => series.name + "\n" + (state.x === "time" ? formatSeconds(x)
  : state.x.replace(/s$/, "") + " " + formatCount(Number(x.toPrecision(4)))) + ", " + curveWord() + " " + formatLoss(y);

function whatIsDrawn() {
  const sizes = pickedSizes();
  if (state.rule === "tuned") return "With the best learning rate at each batch size";
  if (state.rule === "compare") return "At B=" + sizes.at(-1) + " with the η that each rule says";
  if (state.rule === "all") return "Every learning rate picked at B=" + listed(sizes);
  return "With the " + ruleTitle(state.rule);
}

const named = (line) => (state.rule === "compare" ? line.name.split(":")[0] : state.rule === "all"
  ? "B=" + line.cell.batchSize + ", η=" + formatLr(line.cell.lr) : "B=" + line.cell.batchSize);

// What ran off: batch sizes where there is one curve of each, else how many curves.
function lostText(lost) {
  if (!lost.length) return "; nothing diverged.";
  if (state.rule === "all") return "; " + lost.length + " diverged.";
  if (state.rule === "compare") return "; with " + listed(lost.map(named)) + " it diverged.";
  return "; runs at B=" + listed([...new Set(lost.map((line) => line.cell.batchSize))]) + " diverged.";
}

function curvesSentence() {
  const lines = curveLines();
  const good = lines.filter((line) => !line.diverged), what = whatIsDrawn();
  if (!lines.length) return what + " there is no curve.";
  if (!good.length) return what + ", every run diverged.";
  const ends = good.map((line) => ({ line, loss: line.points.at(-1)[1] })).sort((a, b) => a.loss - b.loss);
  const { cut, low, high } = lossAxis(lines);
  return what + ", " + curveWord() + " ends between " + formatLoss(ends[0].loss) + " (" + named(ends[0].line) +
    ") and " + formatLoss(ends.at(-1).loss) + " (" + named(ends.at(-1).line) + ")" +
    lostText(lines.filter((line) => line.diverged)) +
    (hasEpochs && !["all", "compare"].includes(state.rule) ? " Batch sizes that train alike lie on one another over " + (isPartOfEpoch ? "examples" : "epochs") + "." : "") +
    (cut && state.axes !== "loglog" ? " The axis is cut above " + trimmed(niceRange(low, high).max.toPrecision(3)) + "." : "") +
    thinningText();
}

// The page says where it holds less than was measured.
const thinningText = () => (study.points_left_out
  ? " " + formatCount(study.points_left_out) + " points of the curves are left out here, more of them the " +
    "further a training has come; curves.csv has all." : "");

// Whether a rule's learning rates were run at two batch sizes or more; elsewhere it is judged by the
// loss surface, and has no curve.
function wasRun(rule) {
  return batchSizes.filter((batchSize) => chosenCell(rule, batchSize)).length > 1;
}

function sizeKeys(list, refresh) {
  batchSizes.forEach((batchSize, index) => addToggle(list, "B " + batchSize, batchLook(index), { batchSize,
    isOn: pickedSizes().includes(batchSize), press: () => {
      if (state.rule === "compare") writeState("sizes", String(batchSize));
      else togglePick("sizes", batchSize, batchSizes, picksOfView());
      refresh();
    } }));
}

function rateKeys(list, refresh) {
  const sizes = pickedSizes(), rates = ratesOf(sizes), keys = rates.map(formatLr);
  addHeadOfKeys(list, "η");
  rates.forEach((lr) => addToggle(list, formatLr(lr),
    sizes.length > 1 ? { color: colors.quiet, shape: "none" } : rateLook(lr, rates),
    { isOn: isPicked("rates", formatLr(lr), isAny), press: () => {
      togglePick("rates", formatLr(lr), keys, isAny);
      refresh();
    } }));
}

function curveKeys(list, refresh) {
  list.replaceChildren();
  if (state.rule === "compare") {
    for (const line of curveLines()) addKey(list, line.name, line.look);
    addHeadOfKeys(list, "At");
  }
  sizeKeys(list, refresh);
  if (state.rule === "all") rateKeys(list, refresh);
}

const curveTable = () => [["batch_size", "lr", "curve", state.x, curveWord().replaceAll(" ", "_")],
  ...curveLines().flatMap((line) => line.points.map(([x, y]) => [line.cell.batchSize, line.cell.lr, line.name, x, y]))];

// Of views with picks of their own, those of the one before are forgotten.
function forgetPicks() {
  writeState("sizes", "");
  writeState("rates", "");
}

function addCurves() {
  if (!hasCurves) return;
  const figure = addFigure("curves", curvesAreNegative ? "Curves over training" : "Loss curves");
  if (isPartOfEpoch && !location.hash.includes("x=")) state.x = "examples";
  const refresh = () => {
    figure.says.textContent = curvesSentence();
    addChart(figure.chart, 420, curvesOption, () => curveKeys(figure.keys, refresh), curveTable);
    tellNearest(figure.chart, pointText);
  };
  const rules = ruleNames.filter(wasRun).map((rule) => [rule, rule]);
  addSwitch(figure.controls, "rule", "Learning rate", [["tuned", "best η"], ...rules,
    ...(rules.length ? [["compare", "rules at one B"]] : []), ["all", "pick"]], () => {
    forgetPicks();
    refresh();
  });
  addSwitch(figure.controls, "x", "Over", [...(hasEpochs ? [["epochs", "epochs"]] : []), ["steps", "steps"],
    ["examples", "examples"], ["time", "time"]], refresh);
  addSwitch(figure.controls, "axes", "Axes", [["auto", "auto"], ["linear", "linear"], ["log", "log x"], ["loglog", "log–log"]], refresh);
  if (hasTrainingLoss) {
    addSwitch(figure.controls, "y", curvesAreNegative ? "Value" : "Loss",
      [["validation", curvesAreNegative ? curveName : "validation"], ["train", "training"]], refresh);
  }
  refresh();
}
