// The trials under way: their curves, beside those that ended at the same batch size, and what each
// is run for.
const underWay = () => study.live.under_way;
const isRunning = (trial) => trial.state === "running";
const hasRunning = (batchSize) => underWay().some((trial) => trial.batch_size === batchSize);
const sizesUnderWay = () => batchSizes.filter((batchSize) => isPicked("live_sizes", batchSize, hasRunning));

const rulesAt = (trial) => summary.rules.filter((row) => row.batch_size === trial.batch_size &&
  Math.abs(row.lr / trial.lr - 1) < 1e-6).map((row) => ruleTitle(row.rule));

// What a trial buys.
function purposeOf(trial) {
  if (trial.reason) return trial.reason;
  if (trial.stage === "base") return "the best η at B=" + trial.batch_size + ", where every rule starts";
  const rules = rulesAt(trial);
  if (trial.stage === "rules") return "what becomes of " + (rules.length ? "the " + listed(rules) : "a rule") + " at B=" + trial.batch_size;
  return "the best η at B=" + trial.batch_size + (trial.seed > summary.study.seeds ? ", with one more seed" : "");
}

const lossColumn = (trial) => (trial.curve.validation_loss.some((loss) => loss !== null) ? "validation_loss" : "train_loss");

function lineOfTrial(trial, look, isThin) {
  const points = meanCurve({ trials: [trial] }, state.live_x, lossColumn(trial));
  return { name: "trial " + trial.id + ": B " + trial.batch_size + ", η " + formatLr(trial.lr) + ", seed " + trial.seed +
    (trial.state === "diverged" ? ", diverged" : isThin ? "" : ", under way"),
    points, look, batchSize: trial.batch_size, trial, isThin };
}

function liveLook(trial, all) {
  const rates = [...new Set(all.map((each) => each.lr))].sort((a, b) => a - b);
  return { ...rateLook(trial.lr, rates), dash: "solid" };
}

function liveLines() {
  const sizes = sizesUnderWay();
  const running = underWay().filter((trial) => sizes.includes(trial.batch_size));
  const ended = trials.filter((trial) => sizes.includes(trial.batch_size)).slice(-60);
  return [...ended.map((trial) => lineOfTrial(trial, { shape: "none",
    color: trial.state === "diverged" ? colors.bad : colors.quiet, dash: trial.state === "diverged" ? [2, 3] : "solid" }, true)),
  ...running.map((trial) => lineOfTrial(trial, liveLook(trial, running), false))].filter((line) => line.points.length);
}

function liveScale(lines) {
  const known = lines.filter((line) => line.trial.state !== "diverged").map((line) => line.points.at(-1)[1]);
  return curvesAreNegative ? cutAt(Infinity, lines.flatMap((line) => line.points.map((point) => point[1])))
    : axisOfCurves(known, lines.flatMap((line) => line.points.map((point) => point[1])));
}

function liveOption(narrow) {
  const lines = liveLines();
  return linesOption(narrow, lines, { over: state.live_x, axes: state.live_axes,
    yName: curvesAreNegative ? curveName : "loss", scale: lines.length ? liveScale(lines) : { low: 0, high: 1 } });
}

const liveText = (series, [x, y]) => series.name + "\n" + (state.live_x === "time" ? formatSeconds(x)
  : state.live_x.replace(/s$/, "") + " " + formatCount(Number(x.toPrecision(4)))) + ", " + formatLoss(y);

function liveRow(trial) {
  const losses = trial.curve[lossColumn(trial)];
  const last = losses.findLast((loss) => loss !== null) ?? null;
  const cell = (text, attributes = {}) => element("td", attributes, text);
  return element("tr", { "data-batch": trial.batch_size }, element("th", { scope: "row" }, trialLink(trial.id)),
    cell(trial.batch_size), cell(formatLr(trial.lr)), cell(trial.seed, { class: "wide-only" }),
    cell(isRunning(trial) ? formatSeconds(trial.seconds) : "waits"), cell(trial.curve.step.at(-1) ?? "–", { class: "wide-only" }),
    cell(last === null ? "–" : formatLoss(curvesAreNegative ? -last : last)),
    cell(purposeOf(trial), { class: "text message wide-only" }));
}

function liveTable() {
  const head = (text, attributes = {}) => element("th", { scope: "col", ...attributes }, text);
  return sortable(element("table", { class: "under-way" }, element("thead", {}, element("tr", {}, head("trial"), head("B"), head("η"),
    head("seed", { class: "wide-only" }), head("for"), head("step", { class: "wide-only" }), head("loss"), head("what it tells", { class: "text wide-only" }))),
    element("tbody", {}, ...underWay().map(liveRow))));
}

function underWaySentence() {
  const running = underWay().filter(isRunning).length, left = underWay().length - running;
  return (study.live.is_worked_on === false ? plural(running, "trial") + " were under way when the study stopped"
    : plural(running, "trial") + (running === 1 ? " is" : " are") + " under way") +
    (left ? ", " + formatCount(left) + " more wait to be run" : "") +
    ". Strong lines are theirs; thin ones ended, those that diverged in orange.";
}

function liveKeys(list, refresh) {
  list.replaceChildren();
  batchSizes.forEach((batchSize) => addToggle(list, "B " + batchSize, { color: colors.quiet, shape: "none" }, { batchSize,
    isOn: sizesUnderWay().includes(batchSize), press: () => {
      togglePick("live_sizes", batchSize, batchSizes, hasRunning);
      refresh();
    } }));
}

const liveTableRows = () => [["trial", "batch_size", "lr", "seed", state.live_x, "loss"], ...liveLines().flatMap(({ trial, points }) =>
  points.map(([x, y]) => [trial.id, trial.batch_size, trial.lr, trial.seed, x, y]))];

function addUnderWay() {
  if (!underWay().length) {
    if (figures.has("under-way")) putBelow(figures.get("under-way"), liveTable());
    return;
  }
  const figure = addFigure("under-way", "Under way");
  const refresh = () => {
    figure.says.textContent = underWaySentence();
    addChart(figure.chart, 360, liveOption, () => liveKeys(figure.keys, refresh), liveTableRows);
    tellNearest(figure.chart, liveText);
  };
  addSwitch(figure.controls, "live_x", "Over", [["steps", "steps"], ["examples", "examples"], ["time", "time"]], refresh);
  addSwitch(figure.controls, "live_axes", "Axes", [["auto", "auto"], ["linear", "linear"], ["log", "log x"], ["loglog", "log–log"]], refresh);
  refresh();
  putBelow(figure, liveTable());
}

// All that changes from second to second.
function showLive() {
  showOutlook();
  showPulse();
  addUnderWay();
  placeFailures();
}

// While a study runs they stand next to what is under way.
function placeFailures() {
  if (study.live.is_complete) byId("trials-says").after(byId("failures"));
  else (figures.get("under-way")?.section ?? byId("outlook")).append(byId("failures"));
}

// The same between two times that the whole page is shown.
function showLiveAlone() {
  showLive();
  if (!underWay().length && figures.has("under-way")) figures.get("under-way").section.hidden = true;
  figuresShown = new Set();
}

function showPulse() {
  const { is_complete: isComplete, outlook } = study.live;
  const running = underWay().filter(isRunning).length;
  byId("pulse").textContent = isComplete ? "" : running ? "live: " + running + " under way" : "watched";
  document.title = (isComplete ? "" : "(" + outlook.ended + "/" + outlook.expected + ") ") + "Etalon: " + summary.study.name;
}
