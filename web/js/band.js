// The area between two lines of points [x, y], both ascending in x.
function bandSeries(low, high, color) {
  const outline = [...low, ...[...high].reverse()];
  return { type: "custom", silent: true, clip: true, z: 1, data: outline, renderItem: (params, api) => {
    if (params.context.done) return null;
    params.context.done = true;
    return { type: "polygon", shape: { points: outline.map((point) => api.coord(point)) },
      style: { fill: color, opacity: colors.dark ? 0.22 : 0.16 } };
  } };
}
