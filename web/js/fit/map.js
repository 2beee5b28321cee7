// The map of losses over (batch size, learning rate), by how far each is above the least of its
// batch size.
function excessOf(group, cell) {
  if (cell.loss === null) return null;
  return cell.loss - Math.min(...bowlOf(group, cell.batch_size).map((other) => other.loss));
}

// In octaves: the usual distance between the learning rates of one batch size.
function cellHeight(group) {
  const gaps = sizesOf(group).flatMap((size) => {
    const rates = group.cells.filter((cell) => cell.batch_size === size).map((cell) => Math.log2(cell.lr));
    rates.sort((a, b) => a - b);
    return rates.slice(1).map((rate, i) => rate - rates[i]);
  }).filter((gap) => gap > 0).sort((a, b) => a - b);
  return Math.min(1, gaps[Math.floor(gaps.length / 4)] ?? 0.5);
}

// Three digits, in which losses far below 1 still differ.
const labelOf = (loss) => (Math.abs(loss) < 0.1 ? trimmed(loss.toPrecision(2)) : formatShort(loss));

function mapOption(group, narrow) {
  batchSizes = sizesOf(group);
  const base = baseOption(narrow);
  const { cells } = group;
  const scale = heatScaleOf(cells.map((cell) => excessOf(group, cell)));
  const height = cellHeight(group);
  const rates = cells.map((cell) => Math.log2(cell.lr));
  const look = (cell) => ({ batchSize: cell.batch_size, lr: cell.lr, height, crossed: cell.loss === null,
    share: cell.loss === null ? null : heatShare(excessOf(group, cell), scale),
    label: cell.loss === null || narrow ? "" : labelOf(cell.loss) });
  return {
    ...base, grid: { ...base.grid, left: narrow ? 58 : 68 }, xAxis: batchAxis(heatMargin, narrow),
    yAxis: lrAxis(Math.min(...rates) - 0.6, Math.max(...rates) + 0.6),
    series: [
      ...heatSeries(cells, (cell) => [Math.log2(cell.batch_size), Math.log2(cell.lr)], look, narrow),
      { type: "scatter", symbol: "diamond", symbolSize: 13, silent: true, z: 8,
        data: group.optima.map((row) => [heatMarkX(row.batch_size), Math.log2(row.lr)]),
        itemStyle: { color: colors.tuned, borderColor: colors.paper, borderWidth: 2, opacity: 1 } },
    ],
    tooltip: { ...base.tooltip, formatter: (at) => {
      const cell = cells[at.dataIndex];
      return describe(cell) + "\nη " + formatLr(cell.lr);
    } },
  };
}

function mapKeys(list, group) {
  list.replaceChildren();
  const { low, high } = heatScaleOf(group.cells.map((cell) => excessOf(group, cell)));
  list.append(element("li", {}, "above the least at the same B: " + formatShort(low), rampKey(),
    formatShort(high) + " and above"));
  if (group.cells.some((cell) => cell.loss === null)) addKey(list, "diverged", { color: colors.bad, shape: "cross" });
  if (group.optima.length) addKey(list, "best η", { color: colors.tuned, shape: "diamond" });
}

// A map has little to show of a single batch size.
function addMap(group, id) {
  if (sizesOf(group).length < 2 || !group.cells.some((cell) => cell.loss !== null)) return;
  const figure = addFigure(id + "-map", "Every run on the map");
  const best = group.cells.filter((cell) => cell.loss !== null).reduce((a, b) => (b.loss < a.loss ? b : a));
  figure.says.textContent = "The least " + lossName + ", " + formatLoss(best.loss) + ", is at B = " +
    formatCount(best.batch_size) + " and η = " + formatLr(best.lr) + ".";
  const rates = group.cells.map((cell) => Math.log2(cell.lr));
  const height = Math.min(640, Math.max(340, Math.round((Math.max(...rates) - Math.min(...rates)) * 34) + 90));
  addChart(figure.chart, height, (narrow) => mapOption(group, narrow), () => mapKeys(figure.keys, group),
    () => asTable(["batch_size", "lr", "loss", "runs"], group.cells));
}
