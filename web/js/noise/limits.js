// What limits one step of SGD under the loss's own curvature: noise, or the sharpness.
const limitLook = () => ({ color: colors.bad, dash: [7, 4], shape: "none" });
const stepLook = () => ({ color: colors["rule-1"], dash: "solid", shape: "none" });

function limitsOption(narrow) {
  const base = baseOption(narrow);
  const { stable_lr: stable, tried, curve } = noise.limits;
  const [low, high] = [Math.log2(curve[0].batch_size), Math.log2(curve.at(-1).batch_size)];
  const values = [...curve.map((row) => row.lr), ...(stable ? [stable] : []), ...tried.flatMap((row) => withEnds(row, "lr"))];
  const yAxis = valueAxis("learning rate η", values);
  const rows = tried.map((row) => ({ x: Math.log2(row.batch_size), openLow: row.lr_low === null, openHigh: row.lr_high === null,
    low: row.lr_low === null ? yAxis.min : Math.log10(row.lr_low), high: row.lr_high === null ? yAxis.max : Math.log10(row.lr_high) }));
  return {
    ...base, grid: gridOf(base, narrow), xAxis: sizeAxis(low, high, narrow), yAxis,
    series: [
      lineSeries(stepLook(), { data: pointsOf(curve, "lr"), symbol: "none", silent: true }),
      ...(stable ? [lineSeries(limitLook(), { data: [[low, Math.log10(stable)], [high, Math.log10(stable)]], symbol: "none", silent: true })] : []),
      intervalSeries(rows, colors.tuned),
      { ...dotsOf(tried, "lr", { color: colors.tuned, shape: "diamond" }), symbolSize: 12 }],
    tooltip: { ...base.tooltip, formatter: ({ data: { row } }) => "B " + formatSize(row.batch_size) + ": " +
      formatEstimate(row.lr) + "\n" + formatInterval(row.lr_low, row.lr_high, formatEstimate) +
      "\npredicted " + formatEstimate(row.predicted_lr) },
  };
}

function limitsSentence() {
  const { noise_scale: scale, greatest_lr: greatest, stable_lr: stable, share_of_sgd: share, place } = noise.limits;
  const text = "At " + place + " one step of SGD does best at " + formatNumber(greatest) + "/(1 + " + formatNumber(scale) +
    "/B)" + (share !== null && share < 1 ? ", which this optimizer's momentum goes with " + formatNumber(share) + " of it" : "");
  return text + (stable ? "; above " + formatNumber(stable) + ", which the sharpness λ_max = " +
    formatNumber(noise.limits.sharpness) + " sets, training is unstable at every batch size." : ".");
}

function sharpnessOption(narrow) {
  const base = baseOption(narrow);
  const points = noise.curvature.filter((point) => point.stable_lr !== null);
  const row = (key) => points.map((point, i) => ({ value: [i, point[key] ? Math.log10(point[key]) : null], point }));
  const values = points.flatMap((point) => [...withEnds(point, "stable_lr"), point.training_lr].filter((value) => value > 0));
  const intervals = points.filter((point) => point.stable_lr_low !== null).map((point) => ({ x: points.indexOf(point),
    openLow: false, openHigh: point.stable_lr_high === null, low: Math.log10(point.stable_lr_low),
    high: Math.log10(point.stable_lr_high ?? point.stable_lr) }));
  const line = (key, look) => lineSeries(look, { data: row(key), symbolSize: 9, connectNulls: false });
  return {
    ...base, grid: gridOf(base, narrow),
    xAxis: xAxis("", { type: "category", data: points.map((point) => point.place), splitLine: { show: false },
      axisLabel: { color: colors.quiet, hideOverlap: true } }),
    yAxis: valueAxis("learning rate η", values),
    series: [intervalSeries(intervals, colors.bad), line("stable_lr", { ...limitLook(), shape: "triangle" }), line("training_lr", stepsLook())],
    tooltip: { ...base.tooltip, formatter: ({ data: { point } }) => point.place + "\nλ_max " + formatNumber(point.sharpness) +
      (point.sharpness_low === null ? "" : " (" + formatInterval(point.sharpness_low, point.sharpness_high, formatNumber) + ")") +
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
  if (noise.limits) {
    const figure = addFigure("limits", "What limits a step");
    figure.says.textContent = limitsSentence();
    addChart(figure.chart, 380, limitsOption, () => {
      figure.keys.replaceChildren();
      addKey(figure.keys, "best step under the loss's curvature", stepLook());
      if (noise.limits.stable_lr) addKey(figure.keys, "unstable above", limitLook());
      if (noise.limits.tried.length) addKey(figure.keys, "best step tried, with its " + levelText + " interval", { color: colors.tuned, shape: "diamond" });
    });
  }
  if (noise.curvature.filter((point) => point.stable_lr !== null).length < 2) return;
  const figure = addFigure("sharpness", "How sharp the loss is along the way");
  figure.says.textContent = sharpnessSentence();
  addChart(figure.chart, 340, sharpnessOption, () => {
    figure.keys.replaceChildren();
    addKey(figure.keys, "unstable above, with its " + levelText + " interval", { ...limitLook(), shape: "triangle" });
    addKey(figure.keys, "η of the training", stepsLook());
  });
}
