// Loss over learning rate, a line per batch size, with the best of each.
const sparse = (values, narrow) => {
  const stride = Math.ceil(values.length / (narrow ? 4 : 9));
  return values.filter((value, index) => index % stride === 0);
};

const bowlOf = (group, size) =>
  group.cells.filter((cell) => cell.batch_size === size && cell.loss !== null);

function lossScale(group) {
  const sizes = sizesOf(group);
  const { low, high, cut } = axisOfBowls(sizes.map((size) => bowlOf(group, size).map((cell) => cell.loss)));
  if (!Number.isFinite(low)) return { range: { min: 0, max: 1 }, above: [] };
  const least = Math.min(low, ...group.optima.map((row) => row.loss));
  const range = niceRange(least - 0.03 * (high - least), cut ? high : high + 0.03 * (high - least));
  return { range, above: group.cells.filter((cell) => cell.loss !== null && cell.loss > range.max) };
}

const describe = (cell) => "B " + cell.batch_size + ": " +
  (cell.loss === null ? "diverged" : lossName + " " + formatLoss(cell.loss)) +
  (cell.runs > 1 ? ", mean of " + cell.runs + " runs" : "");

// One mark per learning rate, since those of several batch sizes would lie on one another. Crosses
// stand above arrows.
function edgeSeries(cells, top, mark, lift) {
  const lrs = [...new Set(cells.map((cell) => cell.lr))];
  return {
    type: "scatter", symbol: mark, z: 5, clip: false,
    data: lrs.map((lr) => {
      const here = cells.filter((cell) => cell.lr === lr);
      const color = here.length > 1 ? colors.quiet : batchColor(batchSizes.indexOf(here[0].batch_size));
      return { value: [Math.log2(lr), top], tip: "η " + formatLr(lr) + "\n" + here.map(describe).join("\n"),
        symbolSize: mark === aboveMark ? [7, 10] : 7, symbolOffset: [0, -lift],
        itemStyle: { color: "none", borderColor: color, borderWidth: 1.6, opacity: 1 },
        label: { show: here.length > 1, position: "right", distance: 2, fontSize: 10, color: colors.quiet,
          formatter: String(here.length) } };
    }),
  };
}

function optimaSeries(group) {
  return {
    type: "scatter", symbol: "diamond", symbolSize: 11, z: 6,
    data: group.optima.map((row) => ({ value: [Math.log2(row.lr), row.loss],
      tip: "B " + row.batch_size + ": best η " + formatEstimate(row.lr) + "\n" +
        formatInterval(row.lr_low, row.lr_high, formatEstimate) + "\n" + lossName + " " + formatLoss(row.loss),
      itemStyle: { color: row.censored ? colors.paper : batchColor(batchSizes.indexOf(row.batch_size)),
        borderColor: row.censored ? batchColor(batchSizes.indexOf(row.batch_size)) : colors.ink,
        borderWidth: 1.6, opacity: 1 } })),
  };
}

function lossesOption(group, narrow) {
  batchSizes = sizesOf(group);
  const base = baseOption(narrow);
  const { range, above } = lossScale(group);
  const diverged = group.cells.filter((cell) => cell.loss === null);
  const series = batchSizes.map((size, index) => lineSeries(batchLook(index), {
    name: "B " + size, symbolSize: 6,
    data: bowlOf(group, size).map((cell) => ({ value: [Math.log2(cell.lr), cell.loss],
      tip: "η " + formatLr(cell.lr) + "\n" + describe(cell) })),
  }));
  series.push(edgeSeries(above, range.max, aboveMark, 9),
    edgeSeries(diverged, range.max, divergedMark, above.length ? 24 : 9), optimaSeries(group));
  const lrs = group.cells.map((cell) => Math.log2(cell.lr));
  const lr = lrAxis(Math.min(...lrs) - 0.3, Math.max(...lrs) + 0.3);
  return {
    ...base, series, grid: { ...base.grid, top: above.length && diverged.length ? 60 : 44 },
    xAxis: { ...lr, axisLabel: { ...lr.axisLabel, customValues: sparse(lr.axisLabel.customValues, narrow) },
      name: "learning rate η", nameLocation: "middle", nameGap: 30,
      nameTextStyle: { color: colors.quiet } },
    yAxis: axis(lossName, { ...range }),
    tooltip: { ...base.tooltip, formatter: (at) => at.data.tip },
  };
}

function lossesSentence(group) {
  const diverged = group.cells.filter((cell) => cell.loss === null).length;
  const { range, above } = lossScale(group);
  return plural(group.runs, "run") + " at " + plural(sizesOf(group).length, "batch size") +
    (diverged ? ", " + formatCount(group.diverged) + " diverged, at " + plural(diverged, "pair") + " of batch size and learning rate (crosses)"
      : "") + "." +
    (above.length ? " The axis ends at " + trimmed(range.max.toPrecision(4)) + ": " + plural(above.length, "point") +
      (above.length > 1 ? " lie" : " lies") + " above it (arrows), the highest at " +
      trimmed(formatLoss(Math.max(...above.map((cell) => cell.loss)))) + "." : "");
}

function addLosses(group, id) {
  const figure = addFigure(id + "-losses", capital((lossName === "loss" ? "the loss" : lossName) +
    " over the learning rate"));
  figure.says.textContent = lossesSentence(group);
  addChart(figure.chart, 420, (narrow) => lossesOption(group, narrow), () => {
    figure.keys.replaceChildren();
    sizesOf(group).forEach((size, index) => addKey(figure.keys, "B " + size, batchLook(index)));
    if (group.optima.length) addKey(figure.keys, "best η", { color: colors.tuned, shape: "diamond" });
    if (lossScale(group).above.length) {
      addKey(figure.keys, "above the axis", { color: colors.quiet, shape: "above" });
    }
    if (group.cells.some((cell) => cell.loss === null)) {
      addKey(figure.keys, "diverged", { color: colors.quiet, shape: "cross" });
    }
  }, () => asTable(["batch_size", "lr", "loss", "runs"], group.cells));
}
