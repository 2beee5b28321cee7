// Curves over training as a chart: lines [{ name, points, look, batchSize, isThin }] along epochs,
// steps, examples or time, on linear or logarithmic axes, with the nearest point's values beside
// the pointer.

// Logarithmic axes are drawn by the logarithm to base 10, so that they have labels within decades.
function logTicks(low, high) {
  const marks = high - low > 2.5 ? [1] : high - low > 1.2 ? [1, 3] : [1, 1.5, 2, 3, 4, 5, 7];
  const ticks = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); ++power) {
    ticks.push(...marks.map((mark) => power + Math.log10(mark)));
  }
  return ticks.filter((at) => at >= low - 1e-9 && at <= high + 1e-9);
}

const shortNumber = (value) => (value >= 1e4 ? trimmed((value / 1e3).toPrecision(3)) + "k"
  : String(Number(value.toPrecision(3))));

function logAxis(low, high) {
  const customValues = logTicks(low, high);
  return { min: low, max: high, axisTick: { show: false, customValues },
    axisLabel: { color: colors.quiet, hideOverlap: true, customValues, formatter: (value) => shortNumber(10 ** value) } };
}

const extentOf = (lines, i) => {
  const values = lines.flatMap((line) => line.points.map((point) => point[i]));
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
};

// Where the first line comes into sight from above an axis of values that ends at `high`.
function firstInSight(lines, high) {
  const starts = lines.map(({ points }) => {
    const first = points.findIndex(([, y]) => y <= high);
    return first < 0 ? Infinity : points[Math.max(0, first - 1)][0];
  });
  const [nearest] = extentOf(lines, 0);
  const start = Math.min(...starts);
  return Number.isFinite(start) ? start : nearest;
}

// It begins with what is in sight, so that no part of the chart is empty.
function trainingAxis(lines, high, over, isLog) {
  const nearest = firstInSight(lines, high), furthest = extentOf(lines, 0)[1];
  const name = over + (over === "examples" ? " seen" : over === "time" ? " in seconds" : "") + (isLog ? " (log scale)" : "");
  const range = isLog ? logAxis(nearest, furthest) : { ...niceRange(nearest, furthest), min: nearest, max: furthest,
    axisLabel: { color: colors.quiet, hideOverlap: true, showMinLabel: false, formatter: shortNumber } };
  return xAxis(name, { splitLine: { show: false }, ...range });
}

function valuesAxis(name, lines, { low, high }, isLog) {
  if (isLog) return axis(name + " (log scale)", logAxis(...extentOf(lines, 1)));
  return axis(name, { ...niceRange(low, high),
    axisLabel: { color: colors.quiet, formatter: (value) => trimmed(value.toPrecision(3)) } });
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

const logOr = (isLog, value) => (isLog ? Math.log10(value) : value);
const kWideRange = 4;  // of the furthest to the nearest: where "auto" is logarithmic

// `axes`: "auto", "linear", "log" along x, "loglog".
function linesOption(narrow, lines, { over, axes, yName, scale }) {
  const base = baseOption(narrow);
  if (!lines.length) return { ...base, series: [] };
  const started = lines.map((line) => ({ ...line, points: line.points.filter(([x]) => x > 0) }))
    .filter((line) => line.points.length);
  const [nearest, furthest] = extentOf(started, 0);
  const isLogX = axes.startsWith("log") || (axes === "auto" && furthest > kWideRange * nearest);
  const isLogY = axes === "loglog" && scale.low > 0;
  const drawn = (isLogX ? started : lines).map((line) => ({ ...line,
    points: line.points.map(([x, y]) => [logOr(isLogX, x), logOr(isLogY, y)]) }));
  return {
    ...base, tooltip: { show: false }, xAxis: trainingAxis(drawn, isLogY ? Infinity : niceRange(scale.low, scale.high).max, over, isLogX), isLogX, isLogY,
    yAxis: valuesAxis(yName, drawn, scale, isLogY), series: drawn.map(trainingSeries),
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
      const distance = Math.hypot(place[0] - at[0], place[1] - at[1]);
      if (distance < best.distance) best = { distance, series, value: asPoint(item), place };
    }
  }
  return best.series ? best : null;
}

const toldPoint = ({ option }, { value: [x, y] }) => [option.isLogX ? 10 ** x : x, option.isLogY ? 10 ** y : y];

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
    const found = record.chart?.containPixel({ gridIndex: 0 }, at) ? nearestPoint(record, at) : null;
    spotlight(found?.series.batchSize ?? null);
    if (found) showTip(tip, dot, record, record.tell(found.series, toldPoint(record, found)), found.place);
    else hide();
  });
}
