// The map of final loss over (batch size, learning rate), with the optima and the rules on it.
const heatScale = () => heatScaleOf(sweep.map(heatValue));

// What a cell's colour says: its loss, or how far that is above the least of its batch size.
function heatValue(cell) {
  if (cell.loss === null || state.color === "loss") return cell.loss;
  return cell.loss - leastLossAt(cell.batchSize);
}

function leastLossAt(batchSize) {
  return sweep.reduce((least, cell) => (cell.batchSize === batchSize ? Math.min(least, cell.loss ?? Infinity) : least), Infinity);
}

function lrRange() {
  const tried = sweep.map((cell) => Math.log2(cell.lr));
  return [Math.min(...tried) - 0.45, Math.max(...tried) + 0.45];
}

function heatLook(cell, scale, narrow) {
  const hasLabel = cell.loss !== null && !cell.missed;
  return {
    batchSize: cell.batchSize, lr: cell.lr, height: 0.5, crossed: cell.diverged,
    share: cell.loss === null ? null : heatShare(heatValue(cell), scale),
    label: hasLabel ? (narrow ? formatTiny : formatObjectiveShort)(shown(cell.loss)) : "",
  };
}

function heatOption(narrow) {
  const base = baseOption(narrow);
  const scale = heatScale();
  const list = sweep;
  const [low, high] = lrRange();
  const overlay = (points, look, halo) => lineSeries(look, {
    data: points, silent: true, z: halo ? 5 : 6, symbol: halo ? "none" : look.shape, symbolSize: 5,
    lineStyle: { color: halo ? colors.paper : look.color, width: halo ? 5 : 2,
      type: halo ? "solid" : look.dash, opacity: halo ? 0.8 : 1 },
  });
  const series = heatSeries(list, (cell) => [Math.log2(cell.batchSize), Math.log2(cell.lr)],
    (cell) => heatLook(cell, scale, narrow), narrow);
  for (const rule of sweepRules) {
    const points = batchSizes.map((b) => ruleAt(rule, b)).filter(Boolean)
      .map((row) => [heatMarkX(row.batch_size), Math.log2(row.lr)]);
    series.push(overlay(points, ruleLook(rule), true), overlay(points, ruleLook(rule), false));
  }
  series.push({
    type: "scatter", name: "optima", symbol: "diamond", symbolSize: narrow ? 9 : 13, silent: true, z: 8,
    data: summary.optima.map((row) => [heatMarkX(row.batch_size), Math.log2(row.lr)]),
    itemStyle: { color: colors.tuned, borderColor: colors.paper, borderWidth: 2, opacity: 1 },
  });
  return {
    ...base, ...alongBatchSizes, grid: { ...base.grid, left: narrow ? 58 : 64 }, xAxis: batchAxis(heatMargin),
    yAxis: lrAxis(low, high), series,
    tooltip: { ...base.tooltip, formatter: (at) => {
      const cell = list[at.dataIndex];
      const outcome = cell.loss !== null && cell.missed ? "not reached"
        : cell.loss !== null ? lossWord + " " + formatObjective(shown(cell.loss))
        : cell.diverged ? cell.diverged + " of " + cell.trials.length + " diverged"
        : cell.pruned ? "pruned" : "failed";
      return "B " + cell.batchSize + ", η " + formatLr(cell.lr) + "\n" + outcome + ", " +
        plural(cell.trials.length, "seed");
    } },
  };
}

const farFromBest = maximizes ? "below the best at the same B" : "above the best at the same B";

function heatKeys(list) {
  list.replaceChildren();
  const { low, high } = heatScale();
  const isLoss = state.color === "loss";
  const what = isLoss ? lossWord + " " : farFromBest + ": ";
  const format = isLoss ? (loss) => formatObjectiveShort(shown(loss)) : target ? formatShare : formatShort;
  list.append(element("li", {}, what + format(low), rampKey(),
    format(high) + (isLoss && maximizes ? " and below" : " and above")));
  addKey(list, sweep.some((cell) => cell.pruned) ? "diverged; grey: pruned" : "diverged",
    { color: colors.bad, shape: "cross" });
  addKey(list, "best η", { color: colors.tuned, shape: "diamond" });
  for (const rule of sweepRules) addKey(list, ruleTitle(rule), ruleLook(rule));
}

function heatSentence() {
  const list = sweep;
  const trained = list.filter((cell) => cell.loss !== null);
  const diverged = list.filter((cell) => cell.diverged).length;
  if (!trained.length) return "Nothing trained: every learning rate diverged.";
  const best = trained.reduce((a, b) => (b.loss < a.loss ? b : a));
  return "Of " + plural(list.length, "pair") + " (batch size, learning rate) tried, " +
    (diverged ? diverged + " diverged (crossed)" : "none diverged") + ". The " + (maximizes ? "best " : target ? "fewest " : "least ") + lossWord + ", " +
    formatObjective(shown(best.loss)) + (target ? ", are at B=" : ", is at B=") + best.batchSize + " and η=" + formatLr(best.lr) +
    ". The numbers are " + (maximizes ? "final values" : target ? "steps to the target, where it is reached" : "final losses") + ". Where a rule's line follows the diamonds, the rule finds the best learning rate." +
    (movingRules.length ? " The " + listed(movingRules.map(ruleTitle)) + (movingRules.length > 1 ? " move" : " moves") +
      " other settings too, so " + (movingRules.length > 1 ? "they are" : "it is") + " not on this map." : "");
}

const heatTable = () => [["batch_size", "lr", lossWord, "trials", "diverged"], ...sweep.map((cell) =>
  [cell.batchSize, cell.lr, cell.loss === null ? null : shown(cell.loss), cell.trials.length, cell.diverged])];

function addHeatMap() {
  if (!sweep.some((cell) => cell.loss !== null || cell.diverged)) return;
  const figure = addFigure("heat", (target ? "Steps to the target" : "Final " + lossWord) + " at every learning rate tried");
  figure.says.textContent = heatSentence();
  const [low, high] = lrRange();
  const height = Math.min(640, Math.max(380, Math.round((high - low) * 2 * 19) + 80));
  let draw = () => {};
  addSwitch(figure.controls, "color", "Colour",
    [["extra", farFromBest], ["loss", target ? lossWord : "final " + lossWord]], () => draw());
  draw = addChart(figure.chart, height, heatOption, () => heatKeys(figure.keys), heatTable);
}
