// The noise scale along a training or a log, and of each layer.
const placeRow = (each, i) => ({
  x: i, y: each.noise_scale === null ? null : Math.log10(each.noise_scale), each, color: colors.tuned,
  low: Math.log10(Math.max(each.noise_scale_low ?? 0, 1e-3)), high: Math.log10(each.noise_scale_high ?? 1e12),
  openLow: !(each.noise_scale_low > 0), openHigh: each.noise_scale_high === null,
});

// Ends without bound go to the chart's edge.
function clipped(rows, low, high) {
  return rows.map((row) => ({ ...row, low: Math.max(row.low, low), high: Math.min(row.high, high) }));
}

function placesOption(all, nameOf, narrow) {
  const base = baseOption(narrow);
  const ends = all.flatMap((each) => [each.noise_scale, each.noise_scale_low, each.noise_scale_high])
    .filter((value) => value > 0);
  const yAxis = valueAxis("noise scale in examples", ends);
  const rows = clipped(all.map(placeRow), yAxis.min, yAxis.max);
  const shown = rows.filter((row) => row.y !== null);
  return {
    ...base, grid: gridOf(base, narrow),
    xAxis: xAxis("", { type: "category", data: all.map(nameOf), splitLine: { show: false },
      axisLabel: { color: colors.quiet, hideOverlap: true } }),
    yAxis,
    series: [intervalSeries(rows, colors.tuned),
      { type: "scatter", z: 6, symbol: "diamond", symbolSize: 12, itemStyle: { color: colors.tuned, opacity: 1 },
        data: shown.map((row) => ({ value: [row.x, row.y], row })) }],
    tooltip: { ...base.tooltip, formatter: ({ data: { row } }) => nameOf(row.each) + ": " +
      formatNumber(row.each.noise_scale) + "\n" +
      formatInterval(row.each.noise_scale_low, row.each.noise_scale_high, formatNumber) },
  };
}

const partName = (part) => (part.first === part.last ? part.first : part.first + " to " + part.last);

function sentenceOnParts() {
  const known = noise.parts.filter((part) => part.noise_scale !== null);
  if (known.length < 2) return "The noise scale is undefined along most of the way.";
  const [first, last] = [known[0], known.at(-1)];
  return "From " + formatNumber(first.noise_scale) + " at " + first.first + " to " + formatNumber(last.noise_scale) +
    " at " + last.last + ".";
}

function addPlaces(id, title, all, nameOf, sentence) {
  if (!all.some((each) => each.noise_scale !== null)) return;
  const figure = addFigure(id, title);
  figure.says.textContent = sentence;
  addChart(figure.chart, 340, (narrow) => placesOption(all, nameOf, narrow), () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "noise scale, with its " + levelText + " interval", { color: colors.tuned, shape: "diamond" });
  });
}

function addParts() {
  addPlaces("parts", "Along the way", noise.parts, partName, sentenceOnParts());
  addPlaces("layers", "Layer by layer", noise.layers, (each) => each.layer,
    "Each layer by itself, at the end.");
}
