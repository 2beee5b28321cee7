// What the charts share: colours from the style sheet, symbols and dashes so that nothing is told
// by colour alone, axes, keys, and redrawing when the window, the theme or the paper changes.
const shapes = ["circle", "rect", "triangle", "diamond", "pin", "arrow"];
const dashes = ["solid", [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [12, 4]];
const viridis = ["#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779",
  "#6ece58", "#b5de2b", "#fde725"];

let colors = {};
function readColors() {
  const probe = element("span");
  document.body.append(probe);
  const names = ["paper", "raised", "ink", "quiet", "line", "strong-line", "accent", "accent-soft",
    "bad", "tuned", "rule-0", "rule-1", "rule-2", "rule-3", "rule-4"];
  colors = {};
  for (const name of names) {
    probe.style.color = "var(--" + name + ")";
    colors[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  const [red, green, blue] = colors.paper.match(/[\d.]+/g).map(Number);
  colors.dark = red + green + blue < 384;
}

const channels = (color) => (color.startsWith("#")
  ? [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16))
  : color.match(/[\d.]+/g).slice(0, 3).map(Number));
function mix(from, to, share) {
  const [a, b] = [channels(from), channels(to)];
  return "rgb(" + a.map((value, i) => Math.round(value + share * (b[i] - value))).join(",") + ")";
}

// Black or white, whichever reads better on `color`.
function inkOn(color) {
  const [red, green, blue] = channels(color).map((value) => (value / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2 ? "#101315" : "#ffffff";
}

// Along the scale, clear of the paper at either end; `share` in [0, 1].
function viridisAt(share) {
  const at = (colors.dark ? 0.28 + 0.72 * share : 0.8 * share) * (viridis.length - 1);
  const below = Math.min(Math.floor(at), viridis.length - 2);
  return mix(viridis[below], viridis[below + 1], at - below);
}
// One colour per batch size, in order.
const batchColor = (index) => viridisAt(batchSizes.length < 2 ? 0 : index / (batchSizes.length - 1));
const batchLook = (index) => ({
  color: batchColor(index), dash: dashes[index % 3], shape: shapes[index % 4],
});
function ruleLook(rule) {
  if (rule === "tuned") return { color: colors.tuned, dash: "solid", shape: "diamond" };
  const index = ruleNames.indexOf(rule);
  return { color: colors["rule-" + (index % 5)], dash: dashes[(index + 1) % dashes.length],
    shape: shapes[index % 3] };
}

const font = getComputedStyle(document.body).fontFamily;
function baseOption(narrow) {
  return {
    animation: false,
    textStyle: { fontFamily: font, color: colors.quiet, fontSize: 12 },
    grid: { left: narrow ? 46 : 60, right: narrow ? 14 : 24, top: 28, bottom: 46 },
    tooltip: {
      renderMode: "richText", confine: true, backgroundColor: colors.raised,
      borderColor: colors["strong-line"], borderWidth: 1, padding: [8, 11],
      textStyle: { color: colors.ink, fontSize: 12, lineHeight: 18, fontFamily: font },
    },
  };
}

function axis(name, options) {
  return {
    type: "value", name, nameLocation: "end",
    nameTextStyle: { color: colors.quiet, align: "left", padding: [0, 0, 2, -34] },
    axisLine: { show: true, onZero: false, lineStyle: { color: colors["strong-line"] } },
    axisTick: { show: false },
    axisLabel: { color: colors.quiet, hideOverlap: true },
    splitLine: { lineStyle: { color: colors.line } },
    ...options,
  };
}
// Limits and interval of an axis over [low, high], at round numbers.
function niceRange(low, high) {
  const rough = (high - low || Math.abs(high) || 1) / 7;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const interval = unit * [1, 2, 5, 10].find((factor) => factor * unit >= rough);
  const round = (count) => Number((count * interval).toPrecision(9));
  return { min: round(Math.floor(low / interval + 1e-9)),
    max: round(Math.ceil(high / interval - 1e-9)), interval };
}

const xAxis = (name, options) =>
  axis(name, { nameLocation: "middle", nameGap: 30, nameTextStyle: { color: colors.quiet }, ...options });

// Of ascending values those that leave `gap` between each other, the last one always.
function spaced(values, gap) {
  let next = Infinity;
  return [...values].reverse().filter((value) => {
    if (next - value < gap) return false;
    next = value;
    return true;
  }).reverse();
}

// Batch sizes and learning rates are drawn by their logarithm to base 2.
function batchAxis(margin, narrow = false) {
  const values = batchSizes.map(Math.log2);
  const gap = (narrow ? 0.11 : 0.045) * (values.at(-1) - values[0] + 2 * margin);
  return xAxis("batch size B", {
    min: values[0] - margin, max: values.at(-1) + margin, splitLine: { show: false },
    axisLabel: { color: colors.quiet, hideOverlap: true, customValues: spaced(values, gap),
      formatter: (value) => String(Math.round(2 ** value)) },
  });
}
function lrAxis(low, high) {
  const values = [];
  const anchor = Math.log2(summary.study?.lr_center ?? 1e-3);
  const step = high - low < 2.5 ? 0.5 : 1;
  for (let at = anchor + step * Math.ceil((low - anchor) / step); at <= high; at += step) values.push(at);
  return axis("learning rate η", {
    min: low, max: high, splitLine: { show: false }, axisTick: { show: false, customValues: values },
    axisLabel: { color: colors.quiet, hideOverlap: true, customValues: values,
      formatter: (value) => formatLr(2 ** value) },
  });
}

const lineSeries = (look, options) => ({
  type: "line", symbol: look.shape, symbolSize: 7, itemStyle: { color: look.color },
  lineStyle: { color: look.color, width: 2, type: look.dash }, emphasis: { disabled: true },
  ...options,
});

// Vertical intervals at [x, low, high]; a side that is unbounded ends in an arrow.
function intervalSeries(rows, color, options = {}) {
  return {
    type: "custom", silent: true, z: 4, data: rows.map((row) => [row.x, row.low, row.high]),
    renderItem: (params, api) => {
      const row = rows[params.dataIndex];
      const [x, top] = api.coord([row.x, row.high]);
      const bottom = api.coord([row.x, row.low])[1];
      const style = { stroke: row.color ?? color, lineWidth: 1.6, fill: "none" };
      const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
      const end = (y, open, way) => (open
        ? [line(x - 4, y + 5 * way, x, y), line(x + 4, y + 5 * way, x, y)]
        : [line(x - 4, y, x + 4, y)]);
      return { type: "group", children: [line(x, top, x, bottom), ...end(top, row.openHigh, 1),
        ...end(bottom, row.openLow, -1)] };
    },
    ...options,
  };
}

function addKey(list, text, look) {
  const space = "http://www.w3.org/2000/svg";
  const part = (tag, attributes) => {
    const node = document.createElementNS(space, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const svg = part("svg", { width: 30, height: 12, "aria-hidden": "true" });
  if (look.dash) {
    svg.append(part("path", { d: "M0 6H30", stroke: look.color, "stroke-width": look.width ?? 2,
      "stroke-opacity": look.opacity ?? 1, fill: "none",
      "stroke-dasharray": look.dash === "solid" ? "" : look.dash.join(" ") }));
  }
  const outline = { circle: "M15 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8", rect: "M11 2h8v8h-8z",
    triangle: "M15 1l5 9h-10z", diamond: "M15 1l5 5l-5 5l-5-5z", cross: "M11 2l8 8m0-8l-8 8", above: "M11 6l4-5l4 5m-4-5v11" };
  svg.append(part("path", { d: outline[look.shape] ?? "M0 0",
    fill: ["cross", "above"].includes(look.shape) || look.hollow ? "none" : look.color, stroke: look.color,
    "stroke-width": 1.5 }));
  list.append(element("li", {}, svg, text));
}

function watchSurroundings() {
  let frame = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => redrawAll());
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redrawAll());
  const kPaperWidth = 680;  // A4 less its margins, in CSS pixels
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.theme = "light";
    redrawAll(kPaperWidth);
  });
  addEventListener("afterprint", () => {
    applyTheme();
    redrawAll();
  });
}

function applyTheme() {
  if (state.theme) document.documentElement.dataset.theme = state.theme;
  else delete document.documentElement.dataset.theme;
}
