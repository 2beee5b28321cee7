// Steps and examples by batch size, over the least of each.
const stepsLook = () => ({ color: colors.accent, dash: "solid", shape: "circle" });
const examplesLook = () => ({ color: colors["rule-1"], dash: [7, 4], shape: "rect" });

const dotsOf = (rows, key, look) => ({ type: "scatter", z: 6, symbol: look.shape, symbolSize: 9,
  itemStyle: { color: look.color, opacity: 1 },
  data: rows.map((row) => ({ value: [Math.log2(row.batch_size), Math.log10(row[key])], row })) });

const costText = (row) => "B " + formatSize(row.batch_size) + "\nsteps " + formatNumber(row.steps) +
  "× the least\nexamples " + formatNumber(row.examples) + "× the least";

function costsOption(narrow) {
  const base = baseOption(narrow);
  const { curve, batch_sizes: rows } = noise;
  const low = Math.log2(curve[0].batch_size), high = Math.log2(curve.at(-1).batch_size);
  const values = curve.flatMap((row) => [...withEnds(row, "steps"), ...withEnds(row, "examples")]);
  return {
    ...base, grid: gridOf(base, narrow, narrow ? 46 : 60), xAxis: sizeAxis(low, high, narrow),
    yAxis: valueAxis("times the least", values),
    series: [scaleMark(low, high), ...lineWithBand(curve, "steps", stepsLook()),
      ...lineWithBand(curve, "examples", examplesLook()), dotsOf(rows, "steps", stepsLook()),
      dotsOf(rows, "examples", examplesLook())],
    tooltip: { ...base.tooltip, formatter: (at) => costText(at.data.row) },
  };
}

function addCosts() {
  const figure = addFigure("costs", "What each batch size costs");
  const row = noise.batch_sizes.at(-1);
  figure.says.textContent = "At B = " + formatSize(row.batch_size) + " training takes " + formatNumber(row.steps) +
    " times the least steps and " + formatNumber(row.examples) + " times the least examples.";
  addChart(figure.chart, 400, costsOption, () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "steps over the least", stepsLook());
    addKey(figure.keys, "examples over the least", examplesLook());
    addKey(figure.keys, "the noise scale" + (hasInterval ? " and its " + levelText + " interval" : ""),
      { color: colors.tuned, dash: [5, 3], shape: "none" });
  });
}
