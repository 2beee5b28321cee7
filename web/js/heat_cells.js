// Cells of a map of losses over (batch size, learning rate), by their logarithms to base 2: what
// their colours say, and how one is drawn.
const heatMargin = 0.5;

function heatScaleOf(values) {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const low = known[0] ?? 0;
  const high = known[Math.floor(0.85 * (known.length - 1))] ?? 1;
  return { low, high: high > low ? high : low + 1e-9 };
}
// 1 at the least loss, 0 at the scale's top and beyond; the root spreads what lies near the least.
const heatShare = (value, { low, high }) =>
  1 - Math.sqrt(Math.min(1, Math.max(0, (value - low) / (high - low))));
// From the paper to a teal on which the same ink still reads well.
const heatColor = (share) => mix(colors.dark ? "#20272d" : "#eef0ec",
  colors.dark ? "#2a7a75" : "#6fbdb5", share);

// How wide a column may be, in octaves.
function heatColumnWidth(batchSize) {
  const columns = batchSizes.map(Math.log2), column = batchSizes.indexOf(batchSize);
  const gaps = columns.slice(1).map((value, i) => value - columns[i]);
  return Math.min(gaps[column - 1] ?? Infinity, gaps[column] ?? Infinity, 1);
}

// Marks stand to the right in a cell, where they cover no number.
const heatMarkX = (batchSize) => Math.log2(batchSize) + 0.3 * heatColumnWidth(batchSize);

function heatCellShape(look, api) {
  const [x, y] = api.coord([Math.log2(look.batchSize), Math.log2(look.lr)]);
  const [cellWidth, cellHeight] = api.size([heatColumnWidth(look.batchSize), look.height]);
  const [width, height] = [cellWidth * 0.94, Math.max(3, cellHeight - 1)];
  return { x: x - width / 2, y: y - height / 2, width, height, r: 2 };
}

// `look`: its batchSize and lr; share, null where it has no loss; label; crossed where it diverged;
// height in octaves.
function drawHeatCell(look, api) {
  const shape = heatCellShape(look, api);
  const [x, y, height] = [shape.x + shape.width / 2, shape.y + shape.height / 2, shape.height];
  if (look.share === null) {
    const arm = Math.min(4, height / 3);
    const stroke = look.crossed ? colors.bad : colors.quiet;
    const line = (way) => ({ type: "line", style: { stroke, lineWidth: 1.5 },
      shape: { x1: x - arm, y1: y - arm * way, x2: x + arm, y2: y + arm * way } });
    return { type: "group", children: [{ type: "rect", shape,
      style: { fill: "none", stroke: colors["strong-line"], lineDash: [2, 2] } }, line(1), line(-1)] };
  }
  return { type: "rect", shape, style: { fill: heatColor(look.share) } };
}

// The number in a cell, on a patch of the cell's colour that parts the lines below it.
function drawHeatLabel(look, narrow, api) {
  const shape = heatCellShape(look, api);
  if (look.share === null || shape.height < 9 || !look.label) return null;
  const fill = heatColor(look.share);
  return { type: "text", style: { text: look.label, x: shape.x + (narrow ? 2 : 4), y: shape.y + shape.height / 2,
    fill: inkOn(fill), backgroundColor: fill, padding: narrow ? [1, 0] : [2, 3], align: "left", verticalAlign: "middle",
    font: (narrow ? 9 : 11) + "px " + font } };
}

// Both layers of a map: `lookAt` says how a cell of `list`, with the places `at`, looks.
function heatSeries(list, at, lookAt, narrow) {
  const layer = (z, draw, more) => ({ type: "custom", z, clip: true, data: list.map(at),
    renderItem: (params, api) => draw(lookAt(list[params.dataIndex]), api), ...more });
  return [layer(2, drawHeatCell, { name: "loss" }),
    layer(7, (look, api) => drawHeatLabel(look, narrow, api), { name: "labels", silent: true })];
}

function rampKey() {
  const ramp = element("span", { class: "ramp" });
  const steps = [1, 0.75, 0.5, 0.25, 0].map(heatColor);
  ramp.style.background = "linear-gradient(90deg," + steps.join(",") + ")";
  ramp.dataset.colors = JSON.stringify(steps);
  return ramp;
}
