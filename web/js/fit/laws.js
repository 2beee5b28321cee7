// The best learning rate by batch size: optima, the band of what is averaged, rules, predictions.
const intervalRow = (row) => ({
  x: Math.log2(row.batch_size), y: Math.log2(row.lr), row,
  low: Math.log2(row.lr_low ?? row.lr / 2), high: Math.log2(row.lr_high ?? row.lr * 2),
  openLow: row.lr_low === null, openHigh: row.lr_high === null,
});

function useSeries(group) {
  if (!group.band.length) return [];
  const at = (key) => group.band.map((each) => [Math.log2(each.batch_size), Math.log2(each[key])]);
  return [
    bandSeries(at("lr_low"), at("lr_high"), colors.accent),
    { type: "line", symbol: "none", silent: true, z: 2, data: at("lr"),
      lineStyle: { color: colors.accent, width: 2 } },
  ];
}

function lawsOption(group, narrow) {
  const base = baseOption(narrow);
  const targets = group.predictions.map((each) => each.batch_size);
  batchSizes = [...new Set([...sizesOf(group), ...targets])].sort((a, b) => a - b);
  const optima = group.optima.map(intervalRow);
  const predictions = group.predictions.map(intervalRow);
  const hollow = (row) => ({ color: row.censored ? colors.paper : colors.tuned,
    borderColor: colors.tuned, borderWidth: 2, opacity: 1 });
  const series = [
    ...useSeries(group),
    ...Object.entries(group.rule_lines).map(([rule, line]) => lineSeries(ruleLook(rule),
      { data: line.map((at) => [Math.log2(at.batch_size), Math.log2(at.lr)]), symbol: "none", silent: true })),
    intervalSeries(optima, colors.tuned),
    { type: "scatter", z: 6, symbol: "diamond", symbolSize: 12,
      data: optima.map((row) => ({ value: [row.x, row.y], row: row.row, itemStyle: hollow(row.row) })) },
    intervalSeries(predictions, colors.accent),
    { type: "scatter", z: 7, symbol: "circle", symbolSize: 13, itemStyle: { color: colors.accent, opacity: 1 },
      data: predictions.map((row) => ({ value: [row.x, row.y], row: row.row })) },
  ];
  const all = [...optima, ...predictions].flatMap((row) => [row.low, row.high]);
  const bands = group.band.flatMap((each) => [Math.log2(each.lr_low), Math.log2(each.lr_high)]);
  const low = Math.min(...all, ...bands) - 0.4;
  const high = Math.max(...all, ...bands) + 0.6;
  return {
    ...base, grid: { ...base.grid, left: narrow ? 66 : 68 }, xAxis: batchAxis(0.35, narrow),
    yAxis: { ...lrAxis(low, high), splitLine: { show: true, lineStyle: { color: colors.line } } },
    series,
    tooltip: { ...base.tooltip, formatter: (at) => {
      const row = at.data.row;
      return "B " + row.batch_size + ": η " + formatEstimate(row.lr) + "\n" +
        formatInterval(row.lr_low, row.lr_high, formatEstimate) +
        (row.expected_regret === undefined ? "\n" + lossName + " " + formatLoss(row.loss)
          : "\nexpected regret " + formatRegret(row.expected_regret, row.greatest_told));
    } },
  };
}

// "The likeliest is sqrt, η* = A·√B, with A = 0.0089."
function likeliestLaw(group) {
  if (!group.laws.length) return "";
  const best = group.laws.reduce((a, b) => (b.weight > a.weight ? b : a));
  const known = Object.entries(best.coefficients).map(([name, { value }]) => name + " = " + formatEstimate(value));
  return " The likeliest is " + best.law.replaceAll("_", " ") + ", " + best.formula +
    (known.length ? ", with " + listed(known) : "") + ".";
}

function sentenceOnLaws(group) {
  if (group.refused) return "Not enough runs for a law.";
  const share = Math.round(100 * group.surface_weight);
  const text = capital(group.explanation.replaceAll("_", " ")) + ".";
  return text + likeliestLaw(group) + " The loss surface, fitted to all runs, counts " + share + "%, the laws together " +
    (100 - share) + "%.";
}

function addLaws(group, id) {
  if (group.optima.length < (group.refused === null ? 1 : 2)) return;
  const figure = addFigure(id + "-laws", "The best learning rate by batch size");
  figure.says.textContent = sentenceOnLaws(group);
  addChart(figure.chart, 430, (narrow) => lawsOption(group, narrow), () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "best η and its " + levelText + " interval", { color: colors.tuned, shape: "diamond" });
    if (group.optima.some((row) => row.censored)) {
      addKey(figure.keys, "on the edge of what was tried", { color: colors.tuned, shape: "diamond", hollow: true });
    }
    if (group.refused) return;
    addKey(figure.keys, "η to use, with a " + levelText + " band for the best η",
      { color: colors.accent, dash: "solid", width: 3 });
    if (group.predictions.length) addKey(figure.keys, "asked for", { color: colors.accent, shape: "circle" });
    for (const rule of ruleNames) addKey(figure.keys, ruleTitle(rule), { ...ruleLook(rule), shape: "none" });
  }, () => asTable(["batch_size", "lr", "lr_low", "lr_high"], [...group.optima, ...group.predictions]));
}
