// Everything is drawn by its logarithm: to base 2 along batch sizes, to base 10 otherwise.
const formatSize = (size) => (size >= 1e5 ? Number(size.toPrecision(3)).toExponential().replace("e+", "e")
  : formatCount(Math.round(size)));
const formatNumber = (value) => formatRounded(value, 3);

// Labels at powers of two that leave room for each other.
function sizeAxis(low, high, narrow) {
  const first = Math.ceil(low), all = [];
  for (let at = first; at <= high; ++at) all.push(at);
  return xAxis("batch size B", {
    min: low, max: high, splitLine: { show: false },
    axisLabel: { color: colors.quiet, hideOverlap: true,
      customValues: spaced(all, (narrow ? 0.16 : 0.07) * (high - low)), formatter: (value) => formatSize(2 ** value) },
  });
}

// Room for numbers at its left, and for half a batch size at the end of its axis.
const gridOf = (base, narrow, left = narrow ? 58 : 68) => ({ ...base.grid, left, right: 24 });

// At equal distances between two logarithms.
function evenMarks(low, high) {
  const { min, max, interval } = niceRange(10 ** low, 10 ** high);
  const count = Math.round((max - min) / interval);
  return Array.from({ length: count + 1 }, (_, i) => Math.log10(min + i * interval)).filter(Number.isFinite);
}

// Over values above 0, at 1, 2 and 5 times powers of ten as far as there is room for them; at equal
// distances where they are too alike for three of those.
function valueAxis(name, values, options = {}) {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  const low = Math.min(...logs), high = Math.max(...logs);
  const margin = 0.05 * (high - low || 1);
  const marks = high - low > 3 ? [1] : high - low > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 5, 7];
  const ticks = [];
  for (let power = Math.floor(low) - 1; power <= Math.ceil(high); ++power) {
    ticks.push(...marks.map((mark) => power + Math.log10(mark)));
  }
  const within = (marks) => marks.filter((at) => at >= low - margin && at <= high + margin);
  const customValues = within(ticks).length < 3 ? within(evenMarks(low - margin, high + margin)) : within(ticks);
  return axis(name, { min: low - margin, max: high + margin, axisTick: { show: false, customValues },
    axisLabel: { color: colors.quiet, hideOverlap: true, customValues,
      formatter: (value) => formatNumber(Number((10 ** value).toPrecision(3))) }, ...options });
}

// A value and the ends of its interval that are known.
const withEnds = (row, key) => [row[key], row[key + "_low"] ?? row[key], row[key + "_high"] ?? row[key]];

// Points [log2 B, log10 of a key] of the rows that have it.
const pointsOf = (rows, key) => rows.filter((row) => row[key] > 0)
  .map((row) => [Math.log2(row.batch_size), Math.log10(row[key])]);

// A line with its interval.
function lineWithBand(rows, key, look) {
  const line = lineSeries(look, { data: pointsOf(rows, key), symbol: "none", silent: true, z: 3 });
  if (!hasInterval) return [line];
  const open = rows.some((row) => row[key + "_high"] === null);
  return open ? [line] : [bandSeries(pointsOf(rows, key + "_low"), pointsOf(rows, key + "_high"), look.color), line];
}

// The interval of the noise scale, upright.
function scaleMark(low, high) {
  const ends = [noise.noise_scale_low ?? noise.noise_scale, noise.noise_scale_high ?? 2 ** high]
    .map((size) => Math.min(high, Math.max(low, Math.log2(Math.max(size, 2 ** low)))));
  return { type: "line", data: [], silent: true, z: 0,
    markArea: { silent: true, itemStyle: { color: colors.tuned, opacity: 0.1 },
      data: [[{ xAxis: ends[0] }, { xAxis: ends[1] }]] },
    markLine: { silent: true, symbol: "none", animation: false, label: { show: false },
      lineStyle: { color: colors.tuned, width: 1.5, type: [5, 3] }, data: [{ xAxis: Math.log2(noise.noise_scale) }] } };
}
