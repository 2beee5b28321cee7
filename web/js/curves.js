// Loss curves: one line per (batch size, learning rate), as a rule picks them.
function curveLines() {
  const field = state.y === "train" ? "train_loss" : "validation_loss";
  const lines = [];
  batchSizes.forEach((batchSize, index) => {
    const chosen = state.rule === "all"
      ? [...cells.values()].filter((cell) => cell.batchSize === batchSize)
      : [chosenCell(state.rule, batchSize)].filter(Boolean);
    for (const cell of chosen) {
      const points = meanCurve(cell, state.x, field);
      if (points.length) lines.push({ cell, index, points, diverged: cell.diverged > 0 });
    }
  });
  return lines;
}

// Starts of curves and what hardly trains are cut.
function lossAxis(lines) {
  if (curvesAreNegative && state.y !== "train") {
    return cutAt(Infinity, lines.flatMap((line) => line.points.map((point) => point[1])));
  }
  return axisOfCurves(lines.filter((line) => !line.diverged).map((line) => line.points.at(-1)[1]),
    lines.flatMap((line) => line.points.map((point) => point[1])));
}

// The batch sizes beside the ends of their lines, pushed apart where they would overlap. Over steps
// the ends lie apart already. A line that ends above the axis has its label at the top, with an arrow.
function lineEndLabels(lines, apart) {
  const kLineHeight = 13;
  const place = (area, api) => {
    const labels = lines.map((line) => {
      const [x, y] = api.coord(line.points.at(-1));
      const above = y < area.y;
      return { x: (apart ? x : area.x + area.width) + 7, y: Math.max(y, area.y),
        text: (apart ? "" : "B ") + line.cell.batchSize + (above ? " ↑" : "") };
    }).sort((a, b) => a.y - b.y);
    if (apart) return labels;
    labels.forEach((label, i) => {
      if (i) label.y = Math.max(label.y, labels[i - 1].y + kLineHeight);
    });
    let limit = area.y + area.height + 4;
    for (const label of labels.reverse()) {
      label.y = Math.min(label.y, limit);
      limit = label.y - kLineHeight;
    }
    return labels;
  };
  return { type: "custom", silent: true, clip: false, z: 20, data: [lines[0].points.at(-1)],
    renderItem: (params, api) => ({ type: "group",
      children: place(params.coordSys, api).map(({ x, y, text }) => ({ type: "text",
        style: { text, x, y, fill: colors.ink, verticalAlign: "middle", font: "11px " + font } })) }) };
}

// "validation loss", or the program's own word for what is maximized.
const curveWord = () => (state.y === "train" ? "training loss"
  : curvesAreNegative ? curveName : "validation loss");

function curvesOption(narrow) {
  const lines = curveLines();
  const base = baseOption(narrow);
  if (!lines.length) return base;
  const { low, high } = lossAxis(lines);
  const quiet = state.rule === "all";
  const every = Math.max(1, Math.round(Math.max(...lines.map((line) => line.points.length)) / 8));
  const series = lines.map(({ cell, index, points, diverged }) => lineSeries(batchLook(index), {
    name: "B " + cell.batchSize + ", η " + formatLr(cell.lr) +
      (movesMore(cell) ? ", " + formatMoved(cell.moved) : "") + (diverged ? ", diverged" : ""),
    data: points, z: 10 - index / batchSizes.length,
    symbolSize: (value, at) => (!quiet && at.dataIndex % every === every - 1 ? 6 : 0),
    showAllSymbol: true,
    lineStyle: { color: batchColor(index), type: dashes[index % 3], width: quiet ? 1 : 2,
      opacity: quiet ? 0.65 : 1 },
  }));
  const log = state.x === "steps";
  if (!quiet) series.push(lineEndLabels(lines, log));
  const furthest = Math.max(...lines.map((line) => line.points.at(-1)[0]));
  const nearest = Math.min(...lines.map((line) => line.points[0][0]).filter((x) => x > 0));
  return {
    ...base,
    grid: { ...base.grid, right: narrow ? 58 : 68 },
    tooltip: { ...base.tooltip, trigger: "item",
      formatter: (at) => at.seriesName + "\n" + state.x.replace(/s$/, "") + " " +
        formatCount(Number(at.value[0].toPrecision(4))) + ", " + curveWord() + " " + formatLoss(at.value[1]) },
    xAxis: xAxis(state.x + (state.x === "examples" ? " seen" : "") + (log ? " (log scale)" : ""), {
      type: log ? "log" : "value", min: log ? 10 ** Math.floor(Math.log10(nearest)) : 0,
      max: furthest, splitLine: { show: false },
      axisLabel: { color: colors.quiet, hideOverlap: true, showMaxLabel: !log,
        formatter: (value) => (value >= 1e4 ? trimmed((value / 1e3).toFixed(0)) + "k"
          : String(Number(value.toPrecision(3)))) } }),
    yAxis: axis(curveWord(), {
      ...niceRange(low, high),
      axisLabel: { color: colors.quiet, formatter: (value) => trimmed(value.toPrecision(3)) } }),
    series,
  };
}

function curvesSentence() {
  const lines = curveLines();
  const good = lines.filter((line) => !line.diverged);
  const lost = [...new Set(lines.filter((line) => line.diverged).map((l) => l.cell.batchSize))];
  const what = state.rule === "all" ? "Every learning rate that was tried"
    : state.rule === "tuned" ? "With the best learning rate at each batch size"
      : "With the " + ruleTitle(state.rule);
  if (state.rule === "all") {
    return what + ": " + plural(lines.length, "curve") + " of (batch size, learning rate), " +
      "each the mean over its seeds; " + lines.filter((line) => line.diverged).length + " diverged.";
  }
  if (!good.length) return what + ", every run diverged.";
  const ends = good.map((line) => ({ b: line.cell.batchSize, loss: line.points.at(-1)[1] }));
  const best = ends.reduce((a, b) => (b.loss < a.loss ? b : a));
  const worst = ends.reduce((a, b) => (b.loss > a.loss ? b : a));
  const { cut, low, high } = lossAxis(lines);
  return what + ", " + curveWord() + " ends between " + formatLoss(best.loss) + " (B=" + best.b +
    ") and " + formatLoss(worst.loss) + " (B=" + worst.b + ")" +
    (lost.length ? "; runs at B=" + listed(lost) + " diverged." : "; nothing diverged.") +
    (hasEpochs ? " Batch sizes that train alike lie on one another over " +
      (isPartOfEpoch ? "examples" : "epochs") + "." : "") +
    (cut ? " The axis is cut above " + trimmed(niceRange(low, high).max.toPrecision(3)) + "." : "");
}

// Whether a rule's learning rates were run at two batch sizes or more; elsewhere it is judged by the
// loss surface, and has no curve.
function wasRun(rule) {
  return batchSizes.filter((batchSize) => chosenCell(rule, batchSize)).length > 1;
}

function addCurves() {
  if (!hasCurves) return;
  const figure = addFigure("curves", curvesAreNegative ? "Curves over training" : "Loss curves");
  if (isPartOfEpoch && !location.hash.includes("x=")) state.x = "examples";
  let draw = () => {};
  const refresh = () => {
    figure.says.textContent = curvesSentence();
    draw();
  };
  addSwitch(figure.controls, "rule", "Learning rate",
    [...ruleNames.filter(wasRun).map((rule) => [rule, rule]), ["tuned", "tuned"], ["all", "all tried"]],
    refresh);
  addSwitch(figure.controls, "x", "Over",
    [...(hasEpochs ? [["epochs", "epochs"]] : []), ["steps", "steps"], ["examples", "examples"]],
    refresh);
  if (hasTrainingLoss) {
    addSwitch(figure.controls, "y", curvesAreNegative ? "Value" : "Loss",
      [["validation", curvesAreNegative ? curveName : "validation"], ["train", "training"]],
      refresh);
  }
  draw = addChart(figure.chart, 420, curvesOption, () => {
    figure.keys.replaceChildren();
    const shown = [...new Set(curveLines().map((line) => line.index))];
    for (const index of shown) addKey(figure.keys, "B " + batchSizes[index], batchLook(index));
  });
  refresh();
}
