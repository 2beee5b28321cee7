// What was measured at each batch size, beside what the estimate expects there: mean squared norms,
// or the variance of the gradient.
function measuredOption(rows, keys, name, narrow) {
  const base = baseOption(narrow);
  const sizes = rows.map((row) => Math.log2(row.batch_size));
  const [low, high] = [Math.min(...sizes) - 0.5, Math.max(...sizes) + 0.5];
  const values = rows.flatMap((row) => [row[keys.measured], row[keys.expected], ...[row.low, row.high].filter((end) => end > 0)]);
  const yAxis = valueAxis(name, values);
  const intervals = rows.map((row) => ({ x: Math.log2(row.batch_size), openLow: !(row.low > 0), openHigh: false,
    low: row.low > 0 ? Math.log10(row.low) : yAxis.min, high: Math.log10(row.high) }));
  const look = stepsLook();
  return {
    ...base, grid: gridOf(base, narrow), xAxis: sizeAxis(low, high, narrow), yAxis,
    series: [
      lineSeries(look, { data: pointsOf(keys.smooth ?? rows, keys.expected), symbol: "none", silent: true }),
      ...(keys.line ? [lineSeries(examplesLook(), { data: pointsOf(rows, keys.line), symbol: "none", silent: true })] : []),
      intervalSeries(intervals, colors.tuned),
      { ...dotsOf(rows, keys.measured, { color: colors.tuned, shape: "diamond" }), symbolSize: 12 }],
    tooltip: { ...base.tooltip, formatter: ({ data: { row } }) => "B " + formatSize(row.batch_size) + ": " +
      formatNumber(row[keys.measured]) + " ± " + formatNumber(row.standard_error) + "\nexpected " +
      formatNumber(row[keys.expected]) },
  };
}

function addMeasured(id, title, rows, keys, name, sentence, expected) {
  if (!rows.length) return;
  const figure = addFigure(id, title);
  figure.says.textContent = sentence;
  addChart(figure.chart, 360, (narrow) => measuredOption(rows, keys, name, narrow), () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "measured, with its " + levelText + " interval", { color: colors.tuned, shape: "diamond" });
    addKey(figure.keys, expected, { ...stepsLook(), shape: "none" });
    if (keys.line) addKey(figure.keys, "tr Σ/B", { ...examplesLook(), shape: "none" });
  });
}

function addNorms() {
  const unlikely = noise.p_value !== null && noise.p_value < 0.01;
  addMeasured("norms", "The norms that were measured", noise.line,
    { measured: "mean_squared_norm", expected: "fitted", smooth: noise.line_curve }, "mean |g|²",
    unlikely ? "They do not lie on the line |G|² + tr Σ/B (p = " + formatNumber(noise.p_value) +
      "): something else moves with the batch size." : "The noise is what they fall by as the batch grows.",
    "|G|² + tr Σ/B");
  addMeasured("variances", "The noise itself", noise.variances,
    { measured: "measured", expected: "expected", line: "line" }, "variance of the gradient",
    "The variance of the gradient over batches drawn from a pool of examples falls as 1/B, and to nothing where the " +
      "batch is the pool.", "tr Σ/B · (N − B)/(N − 1)");
}
