// The fit as the page reads it, and what the shared parts of the page expect to find. A setting is
// a group of runs that differ in batch size, learning rate and seed only.
const fit = JSON.parse(document.getElementById("data").textContent);
const summary = { study: { level: fit.level } };
const lossName = fit.metric?.mode === "max" ? fit.metric.loss : "loss";  // of a metric that is maximized
const ruleNames = ["linear", "sqrt"];
let batchSizes = [];  // of the group that is being drawn

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const sizesOf = (group) => [...new Set(group.cells.map((cell) => cell.batch_size))].sort((a, b) => a - b);

// Long whole numbers, such as counts of parameters, are read by their thousands.
const readable = (value) => (/^[1-9]\d{6,14}$/.test(value) ? Number(value).toLocaleString("en-US") : value);
// Names that a script wrote may be of any length: both ends tell them apart.
const kLongestName = 48;
const shortened = (text) => (text.length <= kLongestName ? text
  : text.slice(0, kLongestName - 17) + " … " + text.slice(-14));

const pairsOf = (group) => Object.entries(group.key).map(([column, value]) => [column, readable(value)]);
const titleOf = (group) => pairsOf(group).map((pair) => pair.join(" ")).join(", ") || "All runs";

const answered = fit.groups.filter((group) => group.refused === null);
// Every group is asked for the same batch sizes.
const targets = (answered[0]?.predictions ?? []).map((each) => each.batch_size);
