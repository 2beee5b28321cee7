// The fit as the page reads it, and what the shared parts of the page expect to find.
const fit = JSON.parse(document.getElementById("fit").textContent);
const summary = { study: { level: fit.level } };
const ruleNames = ["linear", "sqrt"];
let batchSizes = [];  // of the group that is being drawn

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const titleOf = (group) =>
  Object.entries(group.key).map(([column, value]) => column + " " + value).join(", ") || "All runs";
const sizesOf = (group) => [...new Set(group.cells.map((cell) => cell.batch_size))].sort((a, b) => a - b);
