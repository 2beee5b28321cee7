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
const heatColor = (share) => mix(colors.dark ? "#20272d" : "#eef0ec",
  colors.dark ? "#4fb9b1" : "#0b6f75", share);

// `look`: its batchSize and lr; share, null where it has no loss; label; crossed where it diverged;
// height in octaves.
function drawHeatCell(look, narrow, api) {
  const at = [Math.log2(look.batchSize), Math.log2(look.lr)];
  const [x, y] = api.coord(at);
  const columns = batchSizes.map(Math.log2);
  const column = columns.indexOf(at[0]);
  const gaps = columns.slice(1).map((value, i) => value - columns[i]);
  const near = Math.min(gaps[column - 1] ?? Infinity, gaps[column] ?? Infinity, 1);
  const [cellWidth, cellHeight] = api.size([near, look.height]);
  const [width, height] = [cellWidth * 0.94, Math.max(3, cellHeight - 1)];
  const shape = { x: x - width / 2, y: y - height / 2, width, height, r: 2 };
  if (look.share === null) {
    const arm = Math.min(4, height / 3);
    const stroke = look.crossed ? colors.bad : colors.quiet;
    const line = (way) => ({ type: "line", style: { stroke, lineWidth: 1.5 },
      shape: { x1: x - arm, y1: y - arm * way, x2: x + arm, y2: y + arm * way } });
    return { type: "group", children: [{ type: "rect", shape,
      style: { fill: "none", stroke: colors["strong-line"], lineDash: [2, 2] } }, line(1), line(-1)] };
  }
  const fill = heatColor(look.share);
  const children = [{ type: "rect", shape, style: { fill } }];
  if (height >= 9 && look.label) {
    children.push({ type: "text", style: { text: look.label, y, fill: inkOn(fill),
      x: narrow ? x : x - width / 2 + 7, align: narrow ? "center" : "left", verticalAlign: "middle",
      font: (narrow ? 9 : 11) + "px " + font } });
  }
  return { type: "group", children };
}
