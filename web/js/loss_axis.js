// Where an axis of losses ends. What hardly trains would flatten everything else, so the axis ends
// a little above what is to be compared; what lies above it is cut, marked at the edge and counted.
const cutAt = (ceiling, all) => {
  const highest = Math.max(...all);
  return { low: Math.min(...all), high: Math.min(ceiling, highest), cut: ceiling < highest };
};

// For curves over training, from where they end: a quarter above those that trained, and at least
// twice the least of them, so that a descent can be seen.
function axisOfCurves(ends, all) {
  if (!ends.length || Math.min(...all) <= 0) return cutAt(Infinity, all);
  const middle = [...ends].sort((a, b) => a - b)[Math.floor((ends.length - 1) / 2)];
  const usual = ends.filter((end) => end <= 1.6 * middle);
  return cutAt(Math.max(Math.max(...usual) * 1.25, Math.min(...usual) * 2), all);
}

// For bowls, each the losses of one batch size: every least is inside, and the axis reaches as far
// above the highest of them as an even bowl does. In an evenly swept parabola half the losses lie
// within a quarter of its height, so four times the middle height is the whole of it, and erratic
// runs do not move the middle. A cut that gains little is not made.
function axisOfBowls(bowls) {
  const known = bowls.filter((losses) => losses.length);
  const heights = known.flatMap((losses) => losses.map((loss) => loss - Math.min(...losses)))
    .filter((height) => height > 0).sort((a, b) => a - b);
  const highest = Math.max(...known.map((losses) => Math.min(...losses)));
  const rise = heights.length ? 4 * heights[Math.floor((heights.length - 1) / 2)] : Infinity;
  const all = known.flat();
  const kWorthwhile = 1.5;
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return cutAt(high - low > kWorthwhile * (highest + rise - low) ? highest + rise : Infinity, all);
}

// The marks of what has no place on an axis: above it, and diverged.
const aboveMark = "path://M0 6L4 0L8 6M4 0V12";
const divergedMark = "path://M0 0L8 8M8 0L0 8";
