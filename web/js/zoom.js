// Zooming: a rectangle drawn with the mouse, buttons for everybody. What is zoomed to is kept in the
// values of the axes, so that new data changes nothing of it.
const kLeastDrag = 8;  // pixels; less is a click

function zoomedAxis(axis, range) {
  if (!range) return axis;
  const { interval, ...rest } = axis;
  const [min, max] = range;
  const values = axis.axisLabel?.customValues;
  if (!values) return { ...rest, min, max, axisLabel: { ...axis.axisLabel, showMinLabel: false, showMaxLabel: false } };
  const inside = values.filter((value) => value >= min && value <= max);
  const even = [1, 3, 5, 7, 9].map((tenth) => min + (tenth / 10) * (max - min));
  return { ...rest, min, max, axisLabel: { ...axis.axisLabel, customValues: inside.length > 1 ? inside : even } };
}

function zoomed(option, zoom) {
  if (!zoom) return option;
  return { ...option, xAxis: zoomedAxis(option.xAxis, zoom.x), yAxis: zoomedAxis(option.yAxis, zoom.y),
    series: option.series.map((each) => ({ ...each, clip: true })) };
}

function zoomTo(record, zoom) {
  record.zoom = zoom;
  record.resetZoom.hidden = zoom === null;
  drawChart(record);
}

// The rectangle between two points of the chart, in pixels; a flat one zooms along x alone.
function zoomToPixels(record, [x1, y1], [x2, y2]) {
  const [a, b] = [[x1, y1], [x2, y2]].map((point) => record.chart.convertFromPixel({ gridIndex: 0 }, point));
  const range = (i) => [Math.min(a[i], b[i]), Math.max(a[i], b[i])];
  if (Math.abs(x2 - x1) < kLeastDrag) return;
  zoomTo(record, { x: range(0), y: Math.abs(y2 - y1) < kLeastDrag ? record.zoom?.y ?? null : range(1) });
}

// `by` < 1: closer, about the middle of what is seen.
function zoomBy(record, by) {
  if (!record.option) drawChart(record);
  const { grid } = record.option;
  const [width, height] = [record.chart.getWidth(), record.chart.getHeight()];
  const middle = (low, high) => (low + high) / 2;
  const scaled = (low, high, end) => middle(low, high) + by * (end - middle(low, high));
  const [left, right, top, bottom] = [grid.left, width - grid.right, grid.top, height - grid.bottom];
  zoomToPixels(record, [scaled(left, right, left), scaled(top, bottom, top)],
    [scaled(left, right, right), scaled(top, bottom, bottom)]);
}

function placeOfPointer(record, event) {
  const box = record.node.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function showZoomBox(box, [x1, y1], [x2, y2]) {
  box.hidden = Math.abs(x2 - x1) < kLeastDrag;
  Object.assign(box.style, { left: Math.min(x1, x2) + "px", top: Math.min(y1, y2) + "px",
    width: Math.abs(x2 - x1) + "px", height: Math.abs(y2 - y1) + "px" });
}

function listenForZoom(record) {
  const { node } = record;
  const box = element("div", { class: "zoom-box", hidden: "" });
  let from = null;
  node.append(box);
  node.addEventListener("pointerdown", (event) => {
    const at = placeOfPointer(record, event);
    const mayDrag = event.pointerType === "mouse" && event.button === 0;
    if (mayDrag && record.chart.containPixel({ gridIndex: 0 }, at)) from = at;
  });
  node.addEventListener("pointermove", (event) => {
    if (from) showZoomBox(box, from, placeOfPointer(record, event));
  });
  addEventListener("pointerup", (event) => {
    if (from) zoomToPixels(record, from, placeOfPointer(record, event));
    from = null;
    box.hidden = true;
  });
  node.addEventListener("dblclick", () => zoomTo(record, null));
}
