// Loss over learning rate, a line per batch size.
const sparse = (values, narrow) => {
  const stride = Math.ceil(values.length / (narrow ? 4 : 9));
  return values.filter((value, index) => index % stride === 0);
};

function lossesOption(group, narrow) {
  batchSizes = sizesOf(group);
  const base = baseOption(narrow);
  const known = group.cells.filter((cell) => cell.loss !== null);
  const losses = known.map((cell) => cell.loss).sort((a, b) => a - b);
  // Far runs are erratic: the axis ends where most of them have been seen.
  const least = losses[0];
  const top = losses[Math.floor(0.9 * (losses.length - 1))];
  const range = niceRange(least - 0.03 * (top - least), top + 0.03 * (top - least));
  const series = batchSizes.map((size, index) => lineSeries(batchLook(index), {
    name: "B " + size, symbolSize: 6,
    data: known.filter((cell) => cell.batch_size === size)
      .map((cell) => ({ value: [Math.log2(cell.lr), cell.loss], cell })),
  }));
  const diverged = group.cells.filter((cell) => cell.loss === null);
  series.push({
    type: "scatter", name: "diverged", symbol: "path://M0 0L8 8M8 0L0 8", symbolSize: 8, z: 5,
    data: diverged.map((cell) => ({ value: [Math.log2(cell.lr), range.max], cell,
      itemStyle: { color: "none", borderWidth: 1.6,
        borderColor: batchColor(batchSizes.indexOf(cell.batch_size)) } })),
  });
  const lrs = group.cells.map((cell) => Math.log2(cell.lr));
  const lr = lrAxis(Math.min(...lrs) - 0.3, Math.max(...lrs) + 0.3);
  return {
    ...base, series,
    xAxis: { ...lr, axisLabel: { ...lr.axisLabel, customValues: sparse(lr.axisLabel.customValues, narrow) },
      name: "learning rate η", nameLocation: "middle", nameGap: 30,
      nameTextStyle: { color: colors.quiet } },
    yAxis: axis("loss", { ...range }),
    tooltip: { ...base.tooltip, formatter: (at) => {
      const cell = at.data.cell;
      return "B " + cell.batch_size + ", η " + formatLr(cell.lr) + "\n" +
        (cell.loss === null ? "diverged" : "loss " + formatLoss(cell.loss)) +
        (cell.runs > 1 ? ", mean of " + cell.runs + " runs" : "");
    } },
  };
}

function addLosses(group, id) {
  const figure = addFigure(id + "-losses", "The loss over the learning rate");
  const count = group.cells.reduce((sum, cell) => sum + cell.runs, 0);
  const diverged = group.cells.filter((cell) => cell.loss === null).length;
  figure.says.textContent = plural(count, "run") + " at " + plural(sizesOf(group).length, "batch size") +
    (diverged ? "; runs diverged at " + plural(diverged, "pair") + " of batch size and learning rate (crosses)."
      : ".");
  addChart(figure.chart, 400, (narrow) => lossesOption(group, narrow), () => {
    figure.keys.replaceChildren();
    sizesOf(group).forEach((size, index) => addKey(figure.keys, "B " + size, batchLook(index)));
  });
}
