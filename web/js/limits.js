// What holds the learning rate down at each batch size: what one step does best with under noise,
// and what the sharpness leaves stable, each as a range along the training there.
const noiseLook = () => ({ color: colors.accent, dash: "solid", shape: "none" });
const sharpLook = () => ({ color: colors.bad, dash: [7, 4], shape: "none" });

// [log2 B, log2 η] of one end or the middle of a limit at each batch size.
const limitLine = (limit, key) => summary.limits.batch_sizes.filter((row) => row[limit])
  .map((row) => [Math.log2(row.batch_size), Math.log2(row[limit][key])]);

// What must be seen: the best learning rates, both limits, and where rules first fail. What else
// rules ask for may leave the chart.
function limitsRange(optima) {
  const all = [...optima.flatMap((row) => [row.low, row.high]),
    ...["stable_lr", "noise_lr"].flatMap((limit) => ["low", "high"].flatMap((key) => limitLine(limit, key)))
      .map((point) => point[1]),
    ...summary.limits.breaks.map((row) => Math.log2(row.lr))];
  return [Math.min(...all) - 0.4, Math.max(...all) + 0.4];
}

function limitSeries(limit, look, name, position) {
  const line = limitLine(limit, "median");
  if (!line.length) return [];
  return [bandSeries(limitLine(limit, "low"), limitLine(limit, "high"), look.color),
    lineSeries(look, { name: limit, data: line, symbol: "none", silent: true, z: 3 }),
    { type: "scatter", silent: true, z: 4, symbolSize: 0.1, data: [line[0]],
      label: { show: true, position, align: "left", distance: 8, color: look.color, formatter: name } }];
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

const limitText = (what, range) => (range
  ? what + formatEstimate(range.low) + " to " + formatEstimate(range.high) + "\n" : "");

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
    limitText("stable below ", held.stable_lr) + limitText("noise allows ", held.noise_lr) +
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
    ...base, ...alongBatchSizes, grid: { ...base.grid, left: narrow ? 58 : 64 }, xAxis: batchAxis(0.35, narrow),
    yAxis: { ...lrAxis(...limitsRange(optima)), splitLine: { show: true, lineStyle: { color: colors.line } } },
    series: [...limitSeries("stable_lr", sharpLook(), "unstable above", "top"),
      ...limitSeries("noise_lr", noiseLook(), "noise", "bottom"),
      ...sweepRules.flatMap(limitedRuleSeries), intervalSeries(optima, colors.tuned),
      { type: "scatter", name: "best η", z: 8, symbol: "diamond", symbolSize: 13,
        data: optima.map(({ x, y, row }) => ({ value: [x, y], itemStyle: {
          color: row.censored ? colors.paper : colors.tuned, borderColor: colors.tuned, borderWidth: 2, opacity: 1 } })) }],
    tooltip: { ...base.tooltip, formatter: (at) => limitsTooltip(at, optima) },
  };
}

function addLimits() {
  if (!summary.limits?.batch_sizes.some((row) => row.stable_lr)) return;
  const figure = addFigure("limits", "What limits the learning rate");
  figure.says.textContent = summary.limits.explanation;
  addChart(figure.chart, 430, limitsOption, () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "best η and its " + levelText + " interval", { color: colors.tuned, shape: "diamond" });
    addKey(figure.keys, "best single step under noise, and its range along training", noiseLook());
    addKey(figure.keys, "unstable above, η = " + summary.limits.stable_formula + ", and its range", sharpLook());
    for (const rule of sweepRules) addKey(figure.keys, ruleTitle(rule), { ...ruleLook(rule), shape: "none" });
    if (summary.limits.breaks.length) addKey(figure.keys, "where a rule breaks", { color: colors.quiet, shape: "cross" });
  }, limitsTable);
}

const limitsTable = () => [["batch_size", "limit", "low", "median", "high"], ...summary.limits.batch_sizes.flatMap((row) =>
  ["noise_lr", "stable_lr"].filter((limit) => row[limit])
    .map((limit) => [row.batch_size, limit, row[limit].low, row[limit].median, row[limit].high]))];
