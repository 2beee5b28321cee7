// The best learning rate by batch size, both by their logarithms, with the rules and the fitted law.
const fittedLine = () => study.lines.exponent?.map((end) => end.map(Math.log2));

function optimaOption(narrow) {
  const base = baseOption(narrow);
  const rows = summary.optima.map((row) => ({
    x: Math.log2(row.batch_size), y: Math.log2(row.lr), censored: row.censored, row,
    low: Math.log2(row.lr_low ?? row.lr / 2), high: Math.log2(row.lr_high ?? row.lr * 2),
    openLow: row.lr_low === null, openHigh: row.lr_high === null,
  }));
  const series = sweepRules.map((rule) => lineSeries(ruleLook(rule), {
    name: ruleTitle(rule), silent: true, symbolSize: 5,
    data: batchSizes.map((b) => ruleAt(rule, b)).filter(Boolean)
      .map((row) => [Math.log2(row.batch_size), Math.log2(row.lr)]),
  }));
  const fitted = fittedLine();
  if (fitted) {
    series.push({ type: "line", name: "fit", data: fitted, symbol: "none", silent: true, z: 1,
      lineStyle: { color: colors["accent"], width: 9, opacity: 0.25, cap: "round" } });
  }
  series.push(intervalSeries(rows, colors.tuned), {
    type: "scatter", name: "best η", z: 6, symbol: "diamond", symbolSize: 13,
    data: rows.map(({ x, y, censored }) => ({ value: [x, y], itemStyle: {
      color: censored ? colors.paper : colors.tuned, borderColor: colors.tuned, borderWidth: 2, opacity: 1 } })),
  });
  if (summary.exact_optima.length) {
    series.push({ type: "scatter", name: "exact η", z: 7, symbol: "circle", symbolSize: 6, silent: true,
      data: summary.exact_optima.map((row) => [Math.log2(row.batch_size), Math.log2(row.lr)]),
      itemStyle: { color: colors.ink, opacity: 1 } });
  }
  const all = [...summary.exact_optima.map((row) => Math.log2(row.lr)), ...rows.flatMap((row) => [row.low, row.high]),
    ...summary.rules.filter((row) => sweepRules.includes(row.rule)).map((row) => Math.log2(row.lr))];
  return {
    ...base, ...alongBatchSizes, grid: { ...base.grid, left: narrow ? 58 : 64 }, xAxis: batchAxis(0.35),
    yAxis: { ...lrAxis(Math.min(...all) - 0.3, Math.max(...all) + 0.3),
      splitLine: { show: true, lineStyle: { color: colors.line } } },
    series,
    tooltip: { ...base.tooltip, formatter: (at) => {
      const row = rows[at.dataIndex].row;
      return "B " + row.batch_size + ": η " + formatEstimate(row.lr) + "\n" +
        formatInterval(row.lr_low, row.lr_high, formatEstimate) + "\n" + lossWord + " " + formatObjective(shown(row.fitted_loss));
    } },
  };
}

function optimaSentence() {
  const rows = summary.optima;
  if (rows.length < 2) return "The study has one batch size, so there is no slope to see.";
  const [first, last] = [rows[0], rows.at(-1)];
  const factor = last.lr / first.lr;
  const law = summary.exponent;
  let text = "While B grows " + formatFactor(last.batch_size / first.batch_size) + ", from " +
    first.batch_size + " to " + last.batch_size + ", the best η " + (factor >= 1
      ? "grows " + formatFactor(factor) : "shrinks " + formatFactor(1 / factor)) +
    ", from " + formatEstimate(first.lr) + " to " + formatEstimate(last.lr) + ".";
  if (law) {
    text += " The broad line is the fitted power of B; the linear rule has slope 1, the square-root rule 0.5, " +
      "a fixed learning rate 0.";
  }
  const edge = rows.filter((row) => row.censored !== null).map((row) => row.batch_size);
  if (edge.length) {
    text += " At B=" + listed(edge) + " the best η was the last one tried, so the optimum may lie " +
      "beyond it (hollow diamond).";
  }
  return text;
}

function addOptima() {
  if (!summary.optima.length) return;
  const figure = addFigure("optima", "The best learning rate by batch size");
  figure.says.textContent = optimaSentence();
  addChart(figure.chart, 430, optimaOption, () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "best η and its " + levelText + " interval",
      { color: colors.tuned, shape: "diamond" });
    if (summary.optima.some((row) => row.censored !== null)) {
      addKey(figure.keys, "on the edge of what was tried",
        { color: colors.tuned, shape: "diamond", hollow: true });
    }
    if (summary.exact_optima.length) addKey(figure.keys, "exact best η", { color: colors.ink, shape: "circle" });
    if (fittedLine()) {
      addKey(figure.keys, "fitted power of B", { color: colors.accent, dash: "solid", width: 8, opacity: 0.3 });
    }
    for (const rule of sweepRules) addKey(figure.keys, ruleTitle(rule), ruleLook(rule));
  }, () => asTable(["batch_size", "lr", "lr_low", "lr_high", "fitted_loss"], summary.optima));
}
