// What holds the learning rate down at each batch size: what one step does best with under noise,
// and what the sharpness leaves stable, each as a range along the trainings measured.
const noiseLook = () => ({ color: colors["rule-1"], dash: "solid", shape: "none" });
const sharpLook = () => ({ color: colors.bad, dash: [7, 4], shape: "none" });

// η of the best single step at a batch size, over the points that have it.
function noiseRange(size) {
  const { points, share_of_sgd: share } = summary.limits;
  const values = points.filter((point) => point.noise_scale !== null && point.greatest_lr !== null)
    .map((point) => share * point.greatest_lr / (1 + point.noise_scale / size)).sort((a, b) => a - b);
  if (!values.length) return null;
  const half = (values.length - 1) / 2;
  return { low: values[0], high: values.at(-1),
    median: (values[Math.floor(half)] + values[Math.ceil(half)]) / 2 };
}

// Along all batch sizes, finely: [log2 B, log2 η] of one end or the middle.
function noiseLine(key) {
  const low = Math.log2(batchSizes[0]) - 0.35, high = Math.log2(batchSizes.at(-1)) + 0.35;
  const places = Array.from({ length: 49 }, (_, i) => low + (high - low) * (i / 48));
  return places.map((at) => [at, noiseRange(2 ** at)]).filter(([, range]) => range)
    .map(([at, range]) => [at, Math.log2(range[key])]);
}

// What must be seen: the best learning rates, both limits, and where rules first fail. What else
// rules ask for may leave the chart.
function limitsRange(optima) {
  const { stable_lr: stable, breaks } = summary.limits;
  const all = [...optima.flatMap((row) => [row.low, row.high]), Math.log2(stable.low), Math.log2(stable.high),
    ...noiseLine("low").map((point) => point[1]), ...noiseLine("high").map((point) => point[1]),
    ...breaks.map((row) => Math.log2(row.lr))];
  return [Math.min(...all) - 0.4, Math.max(...all) + 0.4];
}

function stableSeries() {
  const { stable_lr: stable, stable_formula: formula } = summary.limits;
  return { type: "line", data: [], silent: true, z: 1,
    markArea: { silent: true, itemStyle: { color: colors.bad, opacity: colors.dark ? 0.18 : 0.12 },
      data: [[{ yAxis: Math.log2(stable.low) }, { yAxis: Math.log2(stable.high) }]] },
    markLine: { silent: true, symbol: "none", animation: false,
      lineStyle: { color: colors.bad, width: 2, type: sharpLook().dash },
      label: { position: "insideStartTop", color: colors.bad, formatter: "η = " + formula },
      data: [{ yAxis: Math.log2(stable.median) }] } };
}

function noiseSeries() {
  const line = noiseLine("median");
  if (!line.length) return [];
  return [bandSeries(noiseLine("low"), noiseLine("high"), noiseLook().color),
    lineSeries(noiseLook(), { name: "noise", data: line, symbol: "none", silent: true, z: 3 })];
}

const breakData = (rule) => summary.limits.breaks.filter((row) => row.rule === rule)
  .map((row) => ({ value: [Math.log2(row.batch_size), Math.log2(row.lr)], broken: row }));

function limitedRuleSeries(rule) {
  const look = ruleLook(rule);
  const points = batchSizes.map((b) => ruleAt(rule, b)).filter(Boolean)
    .map((row) => [Math.log2(row.batch_size), Math.log2(row.lr)]);
  return [lineSeries(look, { name: ruleTitle(rule), data: points, silent: true, symbol: "none", z: 2, clip: true,
    lineStyle: { color: look.color, width: 1.5, type: look.dash, opacity: 0.75 } }),
  { type: "scatter", name: ruleTitle(rule), z: 7, symbol: divergedMark, symbolSize: 10, data: breakData(rule),
    itemStyle: { color: look.color, borderColor: look.color, borderWidth: 2.4, opacity: 1 } }];
}

const limitWords = { noise: "by noise", sharpness: "by the sharpness", neither: "below what limits allow" };
const heldWords = { noise: "held down by noise", sharpness: "held down by the sharpness" };

function limitsTooltip(at, optima) {
  if (at.data.broken) {
    const { batch_size: size, lr, limit } = at.data.broken;
    return at.seriesName + " breaks at B " + size + "\nη " + formatLr(lr) + ", " +
      (limitWords[limit] ?? "by which limit cannot be told");
  }
  const { row } = optima[at.dataIndex];
  const held = summary.limits.batch_sizes.find((each) => each.batch_size === row.batch_size);
  return "B " + row.batch_size + ": best η " + formatEstimate(row.lr) + "\n" +
    formatInterval(row.lr_low, row.lr_high, formatEstimate) + "\n" +
    (held.noise_lr ? "noise allows " + formatEstimate(held.noise_lr.low) + " to " + formatEstimate(held.noise_lr.high) + "\n" : "") +
    (heldWords[held.held_by] ?? "what holds it cannot be told");
}

function limitsOption(narrow) {
  const base = baseOption(narrow);
  const optima = summary.optima.map((row) => ({
    x: Math.log2(row.batch_size), y: Math.log2(row.lr), row,
    low: Math.log2(row.lr_low ?? row.lr / 2), high: Math.log2(row.lr_high ?? row.lr * 2),
    openLow: row.lr_low === null, openHigh: row.lr_high === null,
  }));
  return {
    ...base, grid: { ...base.grid, left: narrow ? 58 : 64 }, xAxis: batchAxis(0.35, narrow),
    yAxis: { ...lrAxis(...limitsRange(optima)), splitLine: { show: true, lineStyle: { color: colors.line } } },
    series: [stableSeries(), ...noiseSeries(), ...sweepRules.flatMap(limitedRuleSeries), intervalSeries(optima, colors.tuned),
      { type: "scatter", name: "best η", z: 8, symbol: "diamond", symbolSize: 13,
        data: optima.map(({ x, y, row }) => ({ value: [x, y], itemStyle: {
          color: row.censored ? colors.paper : colors.tuned, borderColor: colors.tuned, borderWidth: 2, opacity: 1 } })) }],
    tooltip: { ...base.tooltip, formatter: (at) => limitsTooltip(at, optima) },
  };
}

function addLimits() {
  if (!summary.limits?.stable_lr || !summary.optima.length) return;
  const figure = addFigure("limits", "What limits the learning rate");
  figure.says.textContent = summary.limits.explanation;
  addChart(figure.chart, 430, limitsOption, () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "best η and its " + levelText + " interval", { color: colors.tuned, shape: "diamond" });
    addKey(figure.keys, "best single step under noise, its range along training", noiseLook());
    addKey(figure.keys, "unstable above, the range along training", sharpLook());
    for (const rule of sweepRules) addKey(figure.keys, ruleTitle(rule), { ...ruleLook(rule), shape: "none" });
    if (summary.limits.breaks.length) addKey(figure.keys, "where a rule breaks", { color: colors.quiet, shape: "cross" });
  });
}
