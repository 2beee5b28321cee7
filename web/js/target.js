// Steps to the target by batch size, with the curve that is fitted to them and the one that a noise
// scale predicts; and what they are in time and money.
const toldSteps = () => target.steps_to_target.filter((row) => row.state === "told");
const edgeSteps = () => target.steps_to_target.filter((row) => row.state === "at edge");
const fittedLook = () => ({ color: colors.accent, dash: "solid", shape: "none" });
const predictedLook = () => ({ color: colors["rule-1"], dash: [7, 4], shape: "none" });

// S = S_min (1 + B_crit/B), where both are known.
function fittedCurve() {
  const { critical_batch_size: critical, fewest_steps: fewest } = target;
  if (!critical || critical.low === null || critical.high === null) return null;
  return { fewest: fewest.value, critical: critical.value };
}

// The same with the noise scale as B_crit, as high as the steps are on average.
function predictedCurve() {
  const scale = summary.study.noise_scale;
  if (scale === null || !toldSteps().length) return null;
  const offsets = toldSteps().map((row) => Math.log(row.steps) - Math.log1p(scale / row.batch_size));
  return { fewest: Math.exp(mean(offsets)), critical: scale };
}

const stepsAt = ({ fewest, critical }, size) => fewest * (1 + critical / size);

function curvePoints(curve) {
  const low = Math.log2(batchSizes[0]) - 0.35, high = Math.log2(batchSizes.at(-1)) + 0.35;
  return Array.from({ length: 49 }, (_, i) => low + (high - low) * (i / 48))
    .map((at) => [at, Math.log10(stepsAt(curve, 2 ** at))]);
}

// At 1, 2 and 5 times powers of ten.
function stepsAxis(values) {
  const low = Math.min(...values) - 0.08, high = Math.max(...values) + 0.08;
  const marks = high - low > 3 ? [1] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); ++power) {
    ticks.push(...marks.map((mark) => power + Math.log10(mark)).filter((at) => at >= low && at <= high));
  }
  return axis("steps to " + target.metric + " " + target.value, {
    min: low, max: high, axisTick: { show: false, customValues: ticks },
    axisLabel: { color: colors.quiet, hideOverlap: true, customValues: ticks,
      formatter: (value) => formatSteps(10 ** value) } });
}

// The batch size at which training takes twice the fewest steps, with its interval, upright.
function criticalMark() {
  const { critical_batch_size: critical } = target;
  const edge = (size) => Math.min(Math.log2(batchSizes.at(-1)) + 0.35, Math.max(Math.log2(batchSizes[0]) - 0.35, Math.log2(size)));
  return { type: "line", data: [], silent: true, z: 0,
    markArea: { silent: true, itemStyle: { color: colors.accent, opacity: 0.1 },
      data: [[{ xAxis: edge(critical.low) }, { xAxis: edge(critical.high) }]] },
    markLine: { silent: true, symbol: "none", animation: false,
      lineStyle: { color: colors.accent, width: 1.5, type: [5, 3] },
      label: { position: "insideEndTop", rotate: 0, color: colors.accent, align: "left", padding: [0, 0, 0, 6],
        formatter: "B_crit " + formatEstimate(critical.value) },
      data: [{ xAxis: edge(critical.value) }] } };
}

function targetTooltip({ data: { row } }) {
  return "B " + row.batch_size + ", η " + formatEstimate(row.lr) + "\n" + (row.state === "at edge" ? "at most " : "") +
    formatSteps(row.steps) + " steps" + (row.steps_low === null ? "" :
      " (" + formatInterval(row.steps_low, row.steps_high, formatSteps) + ")") + "\n" +
    formatSteps(row.steps * row.batch_size) + " examples, " + plural(row.seeds, "seed");
}

function targetOption(narrow) {
  const base = baseOption(narrow);
  const told = toldSteps(), edge = edgeSteps();
  const fitted = fittedCurve(), predicted = predictedCurve();
  const rows = told.filter((row) => row.steps_low !== null).map((row) => ({ x: Math.log2(row.batch_size),
    low: Math.log10(row.steps_low), high: Math.log10(row.steps_high) }));
  const curves = [fitted, predicted].filter(Boolean).flatMap((curve) => curvePoints(curve).map((point) => point[1]));
  const dots = (list, hollow) => ({ type: "scatter", z: 6, symbol: "diamond", symbolSize: 13,
    data: list.map((row) => ({ value: [Math.log2(row.batch_size), Math.log10(row.steps)], row })),
    itemStyle: { color: hollow ? colors.paper : colors.tuned, borderColor: colors.tuned, borderWidth: 2, opacity: 1 } });
  const line = (curve, look) => (curve ? [lineSeries(look, { data: curvePoints(curve), symbol: "none", silent: true, z: 2 })] : []);
  return {
    ...base, ...alongBatchSizes, grid: { ...base.grid, left: narrow ? 58 : 64 }, xAxis: batchAxis(0.35, narrow),
    yAxis: stepsAxis([...curves, ...[...told, ...edge].flatMap((row) =>
      [row.steps, row.steps_low ?? row.steps, row.steps_high ?? row.steps]).map(Math.log10)]),
    series: [...(fitted ? [criticalMark()] : []), ...line(fitted, fittedLook()), ...line(predicted, predictedLook()),
      intervalSeries(rows, colors.tuned), dots(told, false), dots(edge, true)],
    tooltip: { ...base.tooltip, formatter: targetTooltip },
  };
}

const formatMoney = (money) => formatRounded(money, 3);
function formatLong(seconds) {
  if (seconds < 120) return formatRounded(seconds, 3) + " s";
  if (seconds < 7200) return formatRounded(seconds / 60, 3) + " min";
  if (seconds < 172800) return formatRounded(seconds / 3600, 3) + " h";
  return formatRounded(seconds / 86400, 3) + " days";
}

function costCell(cost, format, isBound) {
  if (!cost) return element("td", {}, "–");
  return element("td", {}, (isBound ? "< " : "") + format(cost.value), cost.low === null ? "" :
    element("span", { class: "under" }, formatInterval(cost.low, cost.high, format)));
}

function targetRow(row) {
  const cost = target.costs.rows.find((each) => each.batch_size === row.batch_size);
  const curve = fittedCurve();
  const isBound = row.state === "at edge";
  const steps = row.steps === null ? null : { value: row.steps, low: row.steps_low, high: row.steps_high };
  const hasMoney = target.costs.rows.some((each) => each.cost);
  return element("tr", {},
    element("th", { scope: "row" }, row.batch_size),
    steps ? costCell(steps, formatSteps, isBound) : element("td", {}, "not reached"),
    element("td", {}, steps ? (isBound ? "< " : "") + formatSteps(row.steps * row.batch_size) : "–"),
    ...(curve ? [element("td", { class: "wide-only" }, formatSteps(stepsAt(curve, row.batch_size)))] : []),
    ...(target.costs.rows.length ? [costCell(cost?.seconds, formatLong, isBound)] : []),
    ...(hasMoney ? [costCell(cost?.cost, formatMoney, isBound)] : []));
}

function targetTable() {
  const head = (text, extra) => element("th", { scope: "col", ...extra }, text);
  return element("table", {},
    element("thead", {}, element("tr", {}, head("B"), head("steps"), head("examples"),
      ...(fittedCurve() ? [head("fitted steps", { class: "wide-only" })] : []),
      ...(target.costs.rows.length ? [head("time")] : []),
      ...(target.costs.rows.some((each) => each.cost) ? [head("cost")] : []))),
    element("tbody", {}, ...target.steps_to_target.map(targetRow)));
}

function addTarget() {
  if (!target?.steps_to_target.length) return;
  const figure = addFigure("target", "Steps to the target by batch size");
  figure.says.textContent = target.conclusion;
  if (toldSteps().length + edgeSteps().length) {
    addChart(figure.chart, 400, targetOption, () => {
      figure.keys.replaceChildren();
      addKey(figure.keys, "steps at the best η, with their " + levelText + " interval", { color: colors.tuned, shape: "diamond" });
      if (edgeSteps().length) addKey(figure.keys, "at most so many", { color: colors.tuned, shape: "diamond", hollow: true });
      if (fittedCurve()) addKey(figure.keys, "fitted S = S_min (1 + B_crit/B)", fittedLook());
      if (predictedCurve()) addKey(figure.keys, "the same by the noise scale " + formatEstimate(summary.study.noise_scale), predictedLook());
    }, () => asTable(["batch_size", "lr", "state", "steps", "steps_low", "steps_high"], target.steps_to_target));
  }
  putBelow(figure, targetTable());
}
