// What each rule loses against the best learning rate of the same batch size, with intervals, and
// the tolerance within which it counts as the same.
function regretRows(rule, index) {
  const step = ruleNames.length > 1 ? 0.5 / (ruleNames.length - 1) : 0;
  return batchSizes.map((batchSize, i) => ({ row: ruleAt(rule, batchSize),
    x: i + (ruleNames.length > 1 ? index * step - 0.25 : 0) })).filter((each) => each.row);
}

const toldRegret = (regret, format) => formatTold(regret, study.greatest_told, format);

function regretScale() {
  const tolerance = summary.study.tolerance;
  const known = summary.rules.filter((row) => row.regret !== null);
  const highest = Math.max(2 * tolerance, ...known.map((row) => row.regret_high ?? row.regret));
  // Every point is shown whole; an interval that would press the others flat ends in an arrow.
  const least = Math.min(0, ...known.map((row) => row.regret));
  const lowest = Math.max(Math.min(least, ...known.map((row) => row.regret_low ?? row.regret)),
    Math.min(1.15 * least, -4 * tolerance));
  const off = summary.rules.some((row) => row.regret === null && row.verdict === "fails");
  const cut = highest > 7 * tolerance;
  const top = cut ? 6 * tolerance : highest * 1.08;
  return { low: lowest * 1.15, top, cut, edge: cut || off ? top * 1.12 : top };
}

function regretSeries(rule, index, scale, narrow) {
  const look = ruleLook(rule);
  const rows = regretRows(rule, index).filter(({ row }) => row.regret !== null || row.verdict === "fails");
  const known = rows.filter(({ row }) => row.regret !== null && row.regret <= scale.top);
  const intervals = known.filter(({ row }) => row.regret_low !== null && row.regret_high !== null)
    .map(({ row, x }) => ({ x, low: Math.max(row.regret_low, scale.low),
      high: Math.min(row.regret_high, scale.edge), openHigh: row.regret_high > scale.edge,
      openLow: row.regret_low < scale.low }));
  const points = rows.map(({ row, x }) => {
    const off = row.regret === null || row.regret > scale.top;
    return { value: [x, off ? scale.edge : row.regret], row,
      symbol: row.regret === null ? divergedMark : off ? aboveMark : look.shape,
      symbolSize: row.regret === null ? 7 : off ? [7, 11] : 8, symbolOffset: off ? [0, 6] : [0, 0],
      itemStyle: { color: look.color, borderColor: look.color, opacity: 1, borderWidth: off ? 1.8 : 0 },
      label: { show: off && !narrow, position: "top", color: colors.quiet, fontSize: 10, distance: 8,
        formatter: row.regret === null ? "" : target ? formatShare(row.regret) : toldRegret(row.regret, formatShort) } };
  });
  return [intervalSeries(intervals, look.color),
    { type: "scatter", name: ruleTitle(rule), data: points, z: 6, clip: false }];
}

function regretOption(narrow) {
  const base = baseOption(narrow);
  const scale = regretScale();
  const tolerance = summary.study.tolerance;
  const series = ruleNames.flatMap((rule, index) => regretSeries(rule, index, scale, narrow));
  series.push({ type: "line", data: [], silent: true,
    markArea: { silent: true, itemStyle: { color: colors["accent-soft"] },
      data: [[{ yAxis: scale.low }, { yAxis: tolerance }]] },
    markLine: { silent: true, symbol: "none", lineStyle: { color: colors.accent, type: "solid", width: 1.5 },
      label: { position: "end", align: "left", verticalAlign: scale.low < 0 ? "bottom" : "middle",
        color: colors.accent, lineHeight: 14,
        formatter: (narrow ? "tol." : "tolerance") + "\n" + (target ? formatShare(tolerance) : formatTolerance(tolerance)) },
      data: [{ yAxis: tolerance }, ...(scale.low < 0 ? [{ yAxis: 0,
        lineStyle: { color: colors.quiet, type: [2, 3], width: 1 },
        label: { color: colors.quiet, verticalAlign: "top", formatter: narrow ? "best" : "best η" } }] : [])] } });
  return {
    ...base, columnOf: (batchSize) => batchSizes.indexOf(batchSize), batchOf: (at) => batchSizes[Math.round(at.value?.[0])] ?? null,
    grid: { ...base.grid, top: 44, right: narrow ? 40 : 76 },
    xAxis: xAxis("batch size B", { min: -0.5, max: batchSizes.length - 0.5, splitLine: { show: false },
      axisLabel: { color: colors.quiet, hideOverlap: true, customValues: batchSizes.map((_, i) => i),
        formatter: (value) => String(batchSizes[Math.round(value)]) } }),
    yAxis: axis(maximizes ? (narrow ? "lost" : "lost " + lossWord)
      : "extra " + (target ? "steps" : narrow ? "loss" : summary.study.objective), { min: scale.low, max: scale.edge,
      nameTextStyle: { color: colors.quiet, align: "left", padding: [0, 0, 14, -34] },
      axisLabel: { color: colors.quiet, showMinLabel: false, showMaxLabel: false,
        formatter: (value) => (target ? formatShare(value) : trimmed(value.toFixed(4))) } }),
    tooltip: { ...base.tooltip, formatter: (at) => {
      const row = at.data.row;
      return at.seriesName + ", B " + row.batch_size + ", η " + formatLr(row.lr) +
        (movesMore(row) ? "\n" + formatMoved(row.moved) : "") + "\n" +
        (row.regret === null ? "diverged" : (target ? "more steps: " + formatDifference(row.regret)
          : "loses " + toldRegret(row.regret, formatDifference)) + " (" +
          formatInterval(row.regret_low, row.regret_high,
            (end) => (target ? formatDifference(end) : toldRegret(end, formatDifference))) + ")") + "\n" + row.verdict;
    } },
    series,
  };
}

function regretSentence() {
  const parts = ruleNames.map((rule) => {
    const rows = summary.rules.filter((row) =>
      row.rule === rule && row.batch_size !== summary.study.base_batch_size);
    const at = (verdict) => rows.filter((row) => row.verdict === verdict).length;
    const unsure = at("cannot tell");
    return "the " + ruleTitle(rule) + " holds at " + at("holds") + " of " + rows.length + " and fails at " +
      at("fails") + (unsure ? " (" + unsure + " cannot be told)" : "");
  });
  const { cut, top } = regretScale();
  const text = "Away from B=" + summary.study.base_batch_size + ", where they start, " + listed(parts) + ". A rule holds where its whole interval lies in " +
    "the band." + (cut ? (target ? " More than " + formatShare(top) : " Losses above " + trimmed(top.toPrecision(2))) + " sit on the upper edge with their value." : "");
  const better = summary.rules.some((row) => row.regret_high !== null && row.regret_high < 0);
  return text + (better ? " Below 0 a recipe beats every η with the settings as they are." : "") +
    " Crosses diverged.";
}

function addRegret() {
  if (!summary.rules.length) return;
  const figure = addFigure("regret", "What each rule loses against the best");
  figure.says.textContent = regretSentence();
  addChart(figure.chart, 400, regretOption, () => {
    figure.keys.replaceChildren();
    for (const rule of ruleNames) {
      addKey(figure.keys, ruleTitle(rule), { ...ruleLook(rule), dash: null });
    }
    addKey(figure.keys, "diverged", { color: colors.quiet, shape: "cross" });
  }, () => asTable(["rule", "batch_size", "lr", "regret", "regret_low", "regret_high", "verdict"], summary.rules));
}
