// What limits one step of SGD under the loss's own curvature: noise, or the sharpness.
const curvaturePoints = noise.curvature.filter((point) => point.noise_scale !== null && point.greatest_lr !== null);
// With momentum β the optimizer moves as far by 1 − β times the η of plain SGD.
const bestStep = (point, size) => (point.share_of_sgd ?? 1) * point.greatest_lr / (1 + point.noise_scale / size);
const scaledBy = (row, share) => Object.fromEntries(Object.entries(row).map(([key, value]) =>
  [key, key.includes("lr") && value !== null ? share * value : value]));
const limitLook = () => ({ color: colors.bad, dash: [7, 4], shape: "none" });
const stepLook = () => ({ color: colors["rule-1"], dash: "solid", shape: "none" });

// Of the last point at which a step was tried, else of the last one.
const limitsPoint = curvaturePoints.findLast((point) => point.one_step) ?? curvaturePoints.at(-1);

function triedSteps() {
  return (limitsPoint.one_step?.batch_sizes ?? []).filter((row) => row.lr !== null)
    .map((row) => scaledBy(row, limitsPoint.share_of_sgd ?? 1));
}

function limitSizes() {
  const tried = triedSteps().map((row) => row.batch_size);
  const sizes = [...tried, ...(isDefined ? noise.batch_sizes.map((row) => row.batch_size) : [1, 4096])];
  return [Math.max(0, Math.log2(Math.min(...sizes)) - 0.5), Math.log2(Math.max(...sizes)) + 0.5];
}

function limitsOption(narrow) {
  const base = baseOption(narrow);
  const [low, high] = limitSizes();
  const tried = triedSteps();
  const line = Array.from({ length: 65 }, (_, i) => {
    const size = 2 ** (low + (high - low) * (i / 64));
    return [Math.log2(size), bestStep(limitsPoint, size)];
  });
  const { stable_lr: stable } = limitsPoint;
  const values = [...line.map((point) => point[1]), ...(stable ? [stable] : []), ...tried.flatMap((row) => withEnds(row, "lr"))];
  const yAxis = valueAxis("learning rate η", values);
  const rows = tried.map((row) => ({ x: Math.log2(row.batch_size), openLow: row.lr_low === null, openHigh: row.lr_high === null,
    low: row.lr_low === null ? yAxis.min : Math.log10(row.lr_low), high: row.lr_high === null ? yAxis.max : Math.log10(row.lr_high) }));
  return {
    ...base, grid: { ...base.grid, left: narrow ? 58 : 68 }, xAxis: sizeAxis(low, high, narrow), yAxis,
    series: [
      lineSeries(stepLook(), { data: line.map(([x, y]) => [x, Math.log10(y)]), symbol: "none", silent: true }),
      ...(stable ? [lineSeries(limitLook(), { data: [[low, Math.log10(stable)], [high, Math.log10(stable)]], symbol: "none", silent: true })] : []),
      intervalSeries(rows, colors.tuned),
      { ...dotsOf(tried, "lr", { color: colors.tuned, shape: "diamond" }), symbolSize: 12 }],
    tooltip: { ...base.tooltip, formatter: ({ data: { row } }) => "B " + formatSize(row.batch_size) + ": " +
      formatEstimate(row.lr) + "\n" + formatInterval(row.lr_low, row.lr_high, formatEstimate) +
      "\npredicted " + formatEstimate(row.predicted_lr) },
  };
}

function limitsSentence() {
  const { noise_scale: scale, greatest_lr: greatest, stable_lr: stable, share_of_sgd: share, place } = limitsPoint;
  const text = "At " + place + " one step of SGD does best at " + formatNumber(greatest) + "/(1 + " + formatNumber(scale) +
    "/B)" + (share !== null && share < 1 ? ", which this optimizer's momentum goes with " + formatNumber(share) + " of it" : "");
  return text + (stable ? "; above " + formatNumber(stable) + ", which the sharpness λ_max = " +
    formatNumber(limitsPoint.sharpness) + " sets, training is unstable at every batch size." : ".");
}

function sharpnessOption(narrow) {
  const base = baseOption(narrow);
  const points = noise.curvature.filter((point) => point.stable_lr !== null);
  const row = (key) => points.map((point, i) => ({ value: [i, point[key] ? Math.log10(point[key]) : null], point }));
  const values = points.flatMap((point) => [point.stable_lr, point.training_lr].filter((value) => value > 0));
  const line = (key, look) => lineSeries(look, { data: row(key), symbolSize: 9, connectNulls: false });
  return {
    ...base, grid: { ...base.grid, left: narrow ? 58 : 68 },
    xAxis: xAxis("", { type: "category", data: points.map((point) => point.place), splitLine: { show: false },
      axisLabel: { color: colors.quiet, hideOverlap: true } }),
    yAxis: valueAxis("learning rate η", values),
    series: [line("stable_lr", { ...limitLook(), shape: "triangle" }), line("training_lr", stepsLook())],
    tooltip: { ...base.tooltip, formatter: ({ data: { point } }) => point.place + "\nλ_max " + formatNumber(point.sharpness) +
      ", stable below " + formatNumber(point.stable_lr) +
      (point.training_lr ? "\nη of the training " + formatNumber(point.training_lr) : "") },
  };
}

function sharpnessSentence() {
  const known = noise.curvature.filter((point) => point.stable_lr !== null);
  const [first, last] = [known[0], known.at(-1)];
  return "λ_max goes from " + formatNumber(first.sharpness) + " at " + first.place + " to " +
    formatNumber(last.sharpness) + " at " + last.place + ".";
}

function addLimits() {
  if (limitsPoint) {
    const figure = addFigure("limits", "What limits a step");
    figure.says.textContent = limitsSentence();
    addChart(figure.chart, 380, limitsOption, () => {
      figure.keys.replaceChildren();
      addKey(figure.keys, "best step under the loss's curvature", stepLook());
      if (limitsPoint.stable_lr) addKey(figure.keys, "unstable above", limitLook());
      if (triedSteps().length) addKey(figure.keys, "best step tried, with its " + levelText + " interval", { color: colors.tuned, shape: "diamond" });
    });
  }
  if (noise.curvature.filter((point) => point.stable_lr !== null).length < 2) return;
  const figure = addFigure("sharpness", "How sharp the loss is along the way");
  figure.says.textContent = sharpnessSentence();
  addChart(figure.chart, 340, sharpnessOption, () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "unstable above", { ...limitLook(), shape: "triangle" });
    addKey(figure.keys, "η of the training", stepsLook());
  });
}
