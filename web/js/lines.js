// Curves over training as a chart: lines [{ name, points, look, batchSize, isThin }] along epochs,
// steps, examples or time, on linear or logarithmic axes, with the nearest point's values beside
// the pointer.

// Where an axis along training begins: with the data, so that no part of the chart is empty.
function trainingAxis(lines, over, isLog) {
  const xs = lines.flatMap((line) => line.points.map((point) => point[0])).filter((x) => x > 0 || !isLog);
  const [nearest, furthest] = [Math.min(...xs), Math.max(...xs)];
  const range = isLog ? { type: "log", min: nearest, max: furthest }
    : { ...niceRange(nearest, furthest), type: "value", max: furthest };
  return xAxis(over + (over === "examples" ? " seen" : over === "time" ? " in seconds" : "") + (isLog ? " (log scale)" : ""), {
    ...range, splitLine: { show: false },
    axisLabel: { color: colors.quiet, hideOverlap: true, showMinLabel: isLog, showMaxLabel: true,
      formatter: (value) => (value >= 1e4 ? trimmed((value / 1e3).toFixed(0)) + "k"
        : String(Number(value.toPrecision(3)))) } });
}

function valuesAxis(name, { low, high }, isLog) {
  const label = { color: colors.quiet, hideOverlap: true, formatter: (value) => trimmed(value.toPrecision(3)) };
  if (!isLog || low <= 0) return axis(name, { ...niceRange(low, high), axisLabel: label });
  return axis(name + " (log scale)", { type: "log", min: low, max: high, axisLabel: label });
}

// A mark now and then tells lines apart without their colour.
function markedPoints({ points, isThin }) {
  const every = Math.max(1, Math.round(points.length / 6));
  return points.map((value, i) => (!isThin && i % every === every - 1 ? { value } : { value, symbol: "none" }));
}

const trainingSeries = (line, i) => lineSeries(line.look, {
  name: line.name, batchSize: line.batchSize, data: markedPoints(line), z: 10 - i / 1e3, symbolSize: 6,
  showAllSymbol: true, silent: true,
  lineStyle: { color: line.look.color, type: line.look.dash, width: line.isThin ? 1 : 2, opacity: line.isThin ? 0.65 : 1 },
});

// `axes`: "auto" (logarithmic along steps alone), "linear", "log" along x, "loglog".
function linesOption(narrow, lines, { over, axes, yName, scale }) {
  const base = baseOption(narrow);
  if (!lines.length) return { ...base, series: [] };
  const isLogX = axes === "log" || axes === "loglog" || (axes === "auto" && over === "steps");
  const isLogY = axes === "loglog" && scale.low > 0;
  const drawn = isLogX ? lines.map((line) => ({ ...line, points: line.points.filter(([x]) => x > 0) })) : lines;
  const whole = { low: scale.low, high: Math.max(...lines.flatMap((line) => line.points.map((point) => point[1]))) };
  return {
    ...base, tooltip: { show: false }, xAxis: trainingAxis(drawn, over, isLogX),
    yAxis: valuesAxis(yName, isLogY ? whole : scale, isLogY), series: drawn.map(trainingSeries),
  };
}

const asPoint = (item) => item.value ?? item;

// The point of any line that lies nearest to the pointer; none further away than so many pixels.
function nearestPoint({ chart, option }, at) {
  const kReach = 40;
  let best = { distance: kReach };
  for (const series of option.series ?? []) {
    for (const item of series.data) {
      const place = chart.convertToPixel({ gridIndex: 0 }, asPoint(item));
      const distance = Math.hypot(place[0] - at[0], 2 * (place[1] - at[1]) / 2);
      if (distance < best.distance) best = { distance, series, value: asPoint(item), place };
    }
  }
  return best.series ? best : null;
}

function showTip(tip, dot, record, text, [x, y]) {
  tip.textContent = text;
  tip.hidden = dot.hidden = false;
  const left = Math.min(x + 14, record.node.clientWidth - tip.offsetWidth - 4);
  Object.assign(tip.style, { left: Math.max(4, left) + "px", top: Math.max(0, y - tip.offsetHeight - 10) + "px" });
  Object.assign(dot.style, { left: x + "px", top: y + "px" });
}

// `tell` says what a point of a series is.
function tellNearest(node, tell) {
  const record = charts.get(node);
  if (record.tell) return void (record.tell = tell);
  record.tell = tell;
  const tip = element("div", { class: "tip", hidden: "" }), dot = element("div", { class: "tip-dot", hidden: "" });
  node.append(dot, tip);
  const hide = () => (tip.hidden = dot.hidden = true);
  node.addEventListener("pointerleave", hide);
  node.addEventListener("pointermove", (event) => {
    const at = placeOfPointer(record, event);
    const found = record.chart.containPixel({ gridIndex: 0 }, at) ? nearestPoint(record, at) : null;
    spotlight(found?.series.batchSize ?? null);
    if (found) showTip(tip, dot, record, record.tell(found.series, found.value), found.place);
    else hide();
  });
}
