// Charts redraw themselves from `build(narrow)`, which gives the whole option and, besides what
// ECharts takes, `columnOf`: where on the x axis a batch size stands, if it has a place there; and
// `batchOf`: which one a point under the pointer is of.
const charts = new Map();  // by node

// Draws a chart into `node`, or draws the one that is there anew with the reader's zoom. `table`
// gives the rows, heads first, that can be downloaded. Returns what draws it again.
function addChart(node, height, build, afterwards = () => {}, table = null) {
  const record = charts.get(node) ?? makeChart(node);
  Object.assign(record, { height, build, afterwards, table });
  node.style.height = height + "px";
  record.csv.hidden = table === null;
  if (record.option || isNearView(node)) drawChart(record);
  else drawSoon(record);
  return () => drawChart(record);
}

// What is out of sight is drawn chart by chart, so that a page can be read before all are.
const isNearView = (node) => node.getBoundingClientRect().top < 1.2 * innerHeight;
const toDraw = new Set();
let afterAll = () => {};
function drawSoon(record) {
  if (!toDraw.size) setTimeout(drawNext);
  toDraw.add(record);
}

function drawNext() {
  const [record] = toDraw;
  if (record) drawChart(record);
  if (toDraw.size) setTimeout(drawNext);
  else afterAll();
}

// Calls `done` once every chart is drawn.
function whenDrawn(done) {
  afterAll = done;
  if (!toDraw.size) done();
}

function drawAllNow() {
  for (const record of toDraw) drawChart(record);
}

function makeChart(node) {
  const record = { node, chart: null, zoom: null };
  charts.set(node, record);
  addTools(record);
  return record;
}

function startChart(record) {
  const chart = echarts.init(record.node, null, { renderer: "svg" });
  record.marker = element("div", { class: "column-marker", hidden: "" });
  record.node.append(record.marker);
  chart.on("mouseover", (at) => spotlight(record.option.batchOf?.(at) ?? null));
  chart.on("globalout", () => spotlight(null));
  listenForZoom(record);
  return chart;
}

function drawChart(record, width = record.node.clientWidth) {
  toDraw.delete(record);
  record.chart ??= startChart(record);
  const { chart, height } = record;
  chart.resize({ width, height });
  record.option = zoomed(record.build(width < 560), record.zoom);
  const { columnOf, batchOf, isLogX, isLogY, ...option } = record.option;
  chart.setOption(option, true);
  chart.getZr().flush();
  record.afterwards();
  light(record);
}

function redrawAll(width) {
  readColors();
  drawAllNow();
  for (const record of charts.values()) {
    if (record.node.offsetParent) drawChart(record, width);
  }
}

// The batch size that is pointed at, in one chart, shown in all.
let hotBatchSize = null;
function spotlight(batchSize) {
  if (hotBatchSize === batchSize) return;
  hotBatchSize = batchSize;
  for (const record of charts.values()) light(record);
  for (const node of document.querySelectorAll("[data-batch]")) {
    node.classList.toggle("hot", node.dataset.batch === String(batchSize));
  }
}

function light(record) {
  if (!record.option) return;
  if (record.isLit === hotBatchSize && hotBatchSize === null) return;
  record.isLit = hotBatchSize;
  const column = hotBatchSize === null ? null : record.option.columnOf?.(hotBatchSize);
  markColumn(record, column ?? null);
  if (record.option.series?.some((each) => each.batchSize)) dimOthers(record);
}

function markColumn({ chart, marker, option, height }, column) {
  marker.hidden = column === null;
  if (column === null) return;
  const [x] = chart.convertToPixel({ gridIndex: 0 }, [column, 0]);
  marker.style.left = x + "px";
  marker.style.top = option.grid.top + "px";
  marker.style.height = height - option.grid.top - option.grid.bottom + "px";
}

// Lines of other batch sizes step back.
function dimOthers({ chart, option }) {
  const faint = (each) => hotBatchSize !== null && each.batchSize && each.batchSize !== hotBatchSize;
  chart.setOption({ series: option.series.map((each) => ({
    ...each, lineStyle: { ...each.lineStyle, opacity: faint(each) ? 0.13 : each.lineStyle?.opacity ?? 1 },
    itemStyle: { ...each.itemStyle, opacity: faint(each) ? 0.13 : each.itemStyle?.opacity ?? 1 } })) });
}

// Rows and keys that stand for a batch size take part.
document.addEventListener("pointerover", (event) => {
  const node = event.target.closest?.("[data-batch]");
  if (node) spotlight(Number(node.dataset.batch));
  else if (!event.target.closest?.(".chart")) spotlight(null);
});

// For charts whose x axis is log2 of the batch size.
const alongBatchSizes = {
  columnOf: (batchSize) => (batchSizes.includes(batchSize) ? Math.log2(batchSize) : null),
  batchOf: (at) => {
    const x = Array.isArray(at.value) ? at.value[0] : NaN;
    return batchSizes.find((batchSize) => Math.abs(Math.log2(batchSize) - x) < 1e-6) ?? null;
  },
};
