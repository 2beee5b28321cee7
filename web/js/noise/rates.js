// The learning rate that follows from the noise scale.
const rateKey = noise.batch_sizes.some((row) => row.lr !== undefined) ? "lr" : "lr_share";
const rateName = rateKey === "lr" ? "learning rate η" : "η over that of the true gradient";

function ratesOption(narrow) {
  const base = baseOption(narrow);
  const { curve, batch_sizes: rows } = noise;
  const low = Math.log2(curve[0].batch_size), high = Math.log2(curve.at(-1).batch_size);
  const look = stepsLook();
  return {
    ...base, grid: gridOf(base, narrow), xAxis: sizeAxis(low, high, narrow),
    yAxis: valueAxis(rateName, curve.flatMap((row) => withEnds(row, rateKey))),
    series: [scaleMark(low, high), ...lineWithBand(curve, rateKey, look), dotsOf(rows, rateKey, look)],
    tooltip: { ...base.tooltip, formatter: ({ data: { row } }) => "B " + formatSize(row.batch_size) + ": " +
      formatEstimate(row[rateKey]) + (row[rateKey + "_low"] === null ? "" : "\n" +
      formatInterval(row[rateKey + "_low"], row[rateKey + "_high"], formatEstimate)) },
  };
}

function addRates() {
  const figure = addFigure("rates", "The learning rate that follows");
  const rows = noise.batch_sizes;
  const at = (row) => formatEstimate(row[rateKey]) + " at B = " + formatSize(row.batch_size);
  figure.says.textContent = rateKey === "lr"
    ? "From " + at(rows[0]) + " to " + at(rows.at(-1)) + ", where noise limits it."
    : "As a share of the best learning rate of the true gradient: " + at(rows[0]) + ", " + at(rows.at(-1)) +
      ". --lr and --batch-size make it your own.";
  addChart(figure.chart, 360, ratesOption, () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "η of SGD" + (hasInterval ? ", with its " + levelText + " interval" : ""), stepsLook());
  });
}
