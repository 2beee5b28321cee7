// How far validation loss lies above training loss at the best η of each batch size.
const gapLine = () => study.lines.gap.map(([batchSize, gap]) => [Math.log2(batchSize), gap]);

function gapTooltip(at) {
  return "B " + at.batch_size + ", " + plural(at.trials, "seed") + ", η " + formatLr(at.lr) + "\ngap " +
    formatLoss(at.gap) + (at.low === null ? "" : " (" + formatInterval(at.low, at.high, formatLoss) + ")") +
    "\nvalidation " + formatLoss(at.validation_loss) + ", training " + formatLoss(at.train_loss);
}

function generalizationOption(narrow) {
  const base = baseOption(narrow);
  const found = summary.generalization;
  const rows = found.gaps.map((at) => ({ x: Math.log2(at.batch_size), low: at.low ?? at.gap, high: at.high ?? at.gap }));
  const known = rows.filter((row) => row.high > row.low);
  const all = [0, ...rows.flatMap((row) => [row.low, row.high])];
  const series = [intervalSeries(known, colors.tuned), {
    type: "scatter", name: "gap", z: 6, symbol: "diamond", symbolSize: 12,
    data: found.gaps.map((at) => [Math.log2(at.batch_size), at.gap]),
    itemStyle: { color: colors.tuned, opacity: 1 },
    markLine: { silent: true, symbol: "none", label: { show: false }, data: [{ yAxis: 0 }],
      lineStyle: { color: colors["strong-line"], type: "solid", width: 1.5 } },
  }];
  if (study.lines.gap) {
    series.push({ type: "line", name: "trend", data: gapLine(), symbol: "none", silent: true, z: 1,
      lineStyle: { color: colors.accent, width: 9, opacity: 0.25, cap: "round" } });
  }
  return {
    ...base, ...alongBatchSizes, xAxis: batchAxis(0.35, narrow),
    yAxis: axis("validation loss − training loss", { ...niceRange(Math.min(...all), Math.max(...all)),
      axisLabel: { color: colors.quiet, formatter: (value) => trimmed(value.toFixed(6)) } }),
    series,
    tooltip: { ...base.tooltip, formatter: (at) => gapTooltip(found.gaps[at.dataIndex]) },
  };
}

function generalizationSentence() {
  return summary.generalization.explanation + " A large batch takes fewer steps in the same budget and fits " +
    "the training set less, which by itself makes its gap smaller: only at equal training loss does the gap compare minima.";
}

function addGeneralization() {
  const found = summary.generalization;
  if (!found) return;
  const figure = addFigure("generalization", "The gap between validation and training loss");
  figure.says.textContent = generalizationSentence();
  addChart(figure.chart, 320, generalizationOption, () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "gap at the best η tried" + (found.gaps.some((at) => at.low !== null)
      ? ", and its " + levelText + " interval over seeds" : ""), { color: colors.tuned, shape: "diamond" });
    if (found.slope !== null) {
      addKey(figure.keys, "its trend", { color: colors.accent, dash: "solid", width: 8, opacity: 0.3 });
    }
  }, () => asTable(["batch_size", "lr", "trials", "train_loss", "validation_loss", "gap", "low", "high"], found.gaps));
}
