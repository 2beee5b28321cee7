// The metric over training, a line a run, where the source has it: strong for the best learning
// rate tried at each batch size.
const curveName = fit.metric?.column ?? "loss";

// The run of each batch size that ended best.
function bestCurves(group) {
  const better = (a, b) => (b.loss < a.loss ? b : a);
  return sizesOf(group).map((size) => {
    const ended = group.curves.filter((curve) => curve.batch_size === size && curve.loss !== null);
    return ended.length ? ended.reduce(better) : null;
  }).filter(Boolean);
}

function curvesScale(group) {
  const ended = group.curves.filter((curve) => curve.loss !== null);
  const known = (curve) => curve.values.filter((value) => value !== null);
  const all = group.curves.flatMap(known);
  if (fit.metric?.mode === "max") return cutAt(Infinity, all);
  return axisOfCurves(ended.map((curve) => known(curve).at(-1)), all);
}

function curvesOption(group, narrow) {
  batchSizes = sizesOf(group);
  const base = baseOption(narrow);
  const best = new Set(bestCurves(group));
  const ends = group.curves.map((curve) => curve.steps.at(-1));
  const starts = group.curves.map((curve) => curve.steps[0]).filter((step) => step > 0);
  const isLog = Math.max(...ends) > 3 * Math.min(...ends) && starts.length > 0;
  const { low, high } = curvesScale(group);
  const series = group.curves.map((curve) => {
    const index = batchSizes.indexOf(curve.batch_size);
    const strong = best.has(curve);
    return lineSeries(batchLook(index), {
      name: "B " + formatCount(curve.batch_size) + ", η " + formatLr(curve.lr) + (curve.loss === null ? ", diverged" : ""),
      data: curve.steps.map((step, i) => [step, curve.values[i]]).filter(([step]) => !isLog || step > 0),
      z: strong ? 10 : 2, symbolSize: 0, showAllSymbol: true,
      lineStyle: { color: batchColor(index), type: dashes[index % 3], width: strong ? 2.5 : 1,
        opacity: strong ? 1 : 0.35 },
    });
  });
  return {
    ...base, series, grid: { ...base.grid, left: narrow ? 58 : 68 },
    xAxis: xAxis("step, as logged" + (isLog ? " (log scale)" : ""), {
      type: isLog ? "log" : "value", min: isLog ? Math.min(...starts) : 0, max: Math.max(...ends),
      splitLine: { show: false }, axisLabel: { color: colors.quiet, hideOverlap: true,
        formatter: (value) => (value >= 1e4 ? trimmed((value / 1e3).toFixed(0)) + "k" : String(Number(value.toPrecision(3)))) } }),
    yAxis: axis(curveName, { ...niceRange(low, high),
      axisLabel: { color: colors.quiet, formatter: (value) => trimmed(value.toPrecision(3)) } }),
    tooltip: { ...base.tooltip, trigger: "item", formatter: (at) => at.seriesName + "\nstep " +
      formatCount(Number(at.value[0].toPrecision(4))) + ", " + curveName + " " + formatLoss(at.value[1]) },
  };
}

function curvesSentence(group) {
  const lost = group.curves.filter((curve) => curve.loss === null).length;
  const { cut, low, high } = curvesScale(group);
  return plural(group.curves.length, "curve") + (group.curves_left_out ? " of " + formatCount(group.curves_left_out + group.curves.length) : "") +
    ", strong where the learning rate is the best one tried at its batch size; " +
    (lost ? formatCount(lost) + " diverged." : "none diverged.") +
    (cut ? " The axis is cut above " + trimmed(niceRange(low, high).max.toPrecision(3)) + "." : "");
}

function addCurves(group, id) {
  if (!group.curves.some((curve) => curve.steps.length > 1)) return;
  const figure = addFigure(id + "-curves", curveName + " over training");
  figure.says.textContent = curvesSentence(group);
  addChart(figure.chart, 420, (narrow) => curvesOption(group, narrow), () => {
    figure.keys.replaceChildren();
    sizesOf(group).forEach((size, index) => addKey(figure.keys, "B " + formatCount(size), batchLook(index)));
  }, () => [["batch_size", "lr", "step", curveName], ...group.curves.flatMap((curve) =>
    curve.steps.map((step, i) => [curve.batch_size, curve.lr, step, curve.values[i]]))]);
}
