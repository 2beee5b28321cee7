// Validation accuracy at the end of the budget, by batch size, for each rule and for the tuned η.
function accuracyLines() {
  return [...ruleNames, "tuned"].map((rule) => ({
    rule,
    points: batchSizes.map((batchSize) => {
      const accuracy = chosenCell(rule, batchSize)?.accuracy ?? null;
      return [Math.log2(batchSize), accuracy];
    }),
  }));
}

// What has not learned would flatten the rest: the axis starts a little below the tuned line.
function accuracyFloor(lines) {
  const known = (line) => line.points.map((point) => point[1]).filter((value) => value !== null);
  const tuned = known(lines.at(-1));
  const all = lines.flatMap(known);
  if (!tuned.length) return Math.min(...all);
  const spread = Math.max(...all) - Math.min(...tuned);
  return Math.max(Math.min(...all), Math.min(...tuned) - Math.max(3 * spread, 0.05));
}

function accuracyOption(narrow) {
  const base = baseOption(narrow);
  const lines = accuracyLines();
  const all = lines.flatMap((line) => line.points.map((p) => p[1])).filter((a) => a !== null);
  return {
    ...base, ...alongBatchSizes, xAxis: batchAxis(0.35),
    yAxis: axis("validation accuracy", {
      ...niceRange(accuracyFloor(lines), Math.max(...all)),
      axisLabel: { color: colors.quiet, formatter: (value) => trimmed((100 * value).toFixed(1)) + "%" } }),
    tooltip: { ...base.tooltip, formatter: (at) => at.seriesName + ", B " +
      Math.round(2 ** at.value[0]) + "\n" + formatPercent(at.value[1]) },
    series: lines.map(({ rule, points }) => lineSeries(ruleLook(rule), {
      name: ruleTitle(rule), data: points, connectNulls: false,
      z: rule === "tuned" ? 6 : 3, symbolSize: rule === "tuned" ? 10 : 7,
    })),
  };
}

function accuracySentence() {
  const lines = accuracyLines();
  const tuned = lines.at(-1).points;
  const known = tuned.filter((point) => point[1] !== null);
  if (!known.length) return "No tuned trial has an accuracy.";
  const [first, last] = [known[0], known.at(-1)];
  let text = "With the best η, accuracy goes from " + formatPercent(first[1]) + " at B=" +
    Math.round(2 ** first[0]) + " to " + formatPercent(last[1]) + " at B=" + Math.round(2 ** last[0]) + ".";
  let worst = { loss: 0 };
  for (const { rule, points } of lines.slice(0, -1)) {
    points.forEach((point, i) => {
      if (point[1] === null || tuned[i][1] === null) return;
      const loss = tuned[i][1] - point[1];
      if (loss > worst.loss) worst = { loss, rule, batchSize: batchSizes[i] };
    });
  }
  if (worst.rule) {
    text += " The most that a rule gives away without diverging is " + (100 * worst.loss).toFixed(1) +
      " points (" + ruleTitle(worst.rule) + ", B=" + worst.batchSize + ").";
  }
  const floor = accuracyFloor(lines);
  if (lines.some((line) => line.points.some((point) => point[1] !== null && point[1] < floor))) {
    text += " A line that leaves the chart below is worse than it shows.";
  }
  return text + " A line stops where the rule's runs diverged.";
}

function addAccuracy() {
  if (!hasAccuracy) return;
  const figure = addFigure("accuracy", "Validation accuracy by batch size");
  figure.says.textContent = accuracySentence();
  addChart(figure.chart, 360, accuracyOption, () => {
    figure.keys.replaceChildren();
    for (const rule of [...ruleNames, "tuned"]) addKey(figure.keys, ruleTitle(rule), ruleLook(rule));
  }, () => [["batch_size", "rule", "validation_accuracy"], ...accuracyLines().flatMap(({ rule, points }) =>
    points.map(([, accuracy], i) => [batchSizes[i], rule, accuracy]))]);
}
