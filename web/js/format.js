// Numbers and counts as people read them.
function trimmed(text) {
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}
const formatLr = (lr) =>
  lr >= 1e4 || lr < 1e-4 ? lr.toExponential(1) : trimmed(Number(lr.toPrecision(3)).toFixed(7));
// An estimate keeps its zeros: they are digits that were measured.
const formatEstimate = (lr) => (lr >= 1e3 || lr < 1e-4 ? formatLr(lr) : lr.toPrecision(3));
const formatLoss = (loss) => (Math.abs(loss) >= 1e4 || (loss !== 0 && Math.abs(loss) < 1e-3)
  ? loss.toExponential(2) : Number(loss.toPrecision(4)).toFixed(Math.abs(loss) < 10 ? 4 : 2));
const formatShort = (loss) => (Math.abs(loss) >= 1e4 || (loss !== 0 && Math.abs(loss) < 1e-3)
  ? loss.toExponential(1) : loss < 1 ? loss.toFixed(3).replace(/^0/, "") : loss.toPrecision(3));
// What a curve makes of a place far outside the runs is no forecast: "> 1000", as the terminal has it.
const formatTold = (value, greatest, format) => (Math.abs(value) <= greatest ? format(value)
  : (value > 0 ? "> " : "< -") + greatest);
// In three characters, or not at all.
function formatTiny(loss) {
  const size = Math.abs(loss);
  if (size >= 999.5 || (size !== 0 && size < 0.00995)) return "";
  const text = size < 0.995 ? size.toFixed(2).replace(/^0/, "") : size.toFixed(size < 9.95 ? 1 : 0);
  return (loss < 0 ? "-" : "") + text;
}
// To so many digits, and not fewer than stand before its point, as the terminal has it.
function formatRounded(value, digits) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(digits - 1).replace(/\.?0+e/, "e");
  const beforePoint = size === 0 ? 1 : Math.floor(Math.log10(size)) + 1;
  return trimmed(value.toFixed(Math.max(0, digits - beforePoint)));
}
const formatTolerance = (tolerance) => formatRounded(tolerance, 6);
// The objective as `shown`: a loss, or of a target the steps.
const formatSteps = (steps) => formatCount(Number(Math.max(1, steps).toPrecision(3)));
const formatObjective = (value) => (summary.target ? formatSteps(value) : formatLoss(value));
const formatObjectiveShort = (value) => (summary.target ? formatSteps(value) : formatShort(value));
// How far above the best: so much loss, or of a target so many percent of the steps.
const formatShare = (difference) => formatRounded(100 * Math.expm1(difference), 2) + "%";
const formatDifference = (difference) => (summary.target ? formatShare(difference) : formatLoss(difference));
const formatNearness = (tolerance) => (summary.target ? formatShare(tolerance) + " of the fewest steps"
  : formatTolerance(tolerance) + " " + summary.study.objective);
const formatPercent = (share) => (100 * share).toFixed(1) + "%";
const formatCount = (count) => count.toLocaleString("en-US");
const formatFactor = (factor) =>
  (factor >= 10 ? Math.round(factor).toString() : trimmed(factor.toPrecision(2))) + "×";
const plural = (count, noun) => formatCount(count) + " " + noun + (count === 1 ? "" : "s");
const levelText = Math.round(100 * summary.study.level) + "%";

function formatSeconds(seconds) {
  if (seconds < 100) return trimmed(seconds.toPrecision(2)) + " s";
  if (seconds < 5400) return Math.round(seconds / 60) + " min";
  return trimmed((seconds / 3600).toFixed(1)) + " h";
}

function formatInterval(low, high, format) {
  if (low === null && high === null) return "unbounded";
  if (low === null) return "up to " + format(high);
  if (high === null) return format(low) + " or more";
  return format(low) + " to " + format(high);
}

function formatBytes(bytes) {
  return bytes ? trimmed((bytes / 2 ** 30).toFixed(1)) + " GiB" : "unknown";
}

// "8, 16 and 32"
function listed(items) {
  if (items.length < 2) return items.join("");
  return items.slice(0, -1).join(", ") + " and " + items.at(-1);
}

const ruleTitles = { tuned: "tuned", sqrt: "square-root rule", sde: "SDE rule",
  "sde-power": "SDE rule with β^κ", legw: "LEGW rule", ema: "EMA rule" };
const ruleTitle = (rule) => ruleTitles[rule] ?? rule + " rule";

// What a rule moves besides the learning rate, in short: "β₁ 0.6, β₂ 0.996".
const settingSymbols = { momentum: "m", beta1: "β₁", beta2: "β₂", eps: "ε", weight_decay: "λ", ema: "ρ" };
// Of what lies close below 1, the digits that say how far.
const formatSetting = (value) => {
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1).replace(".0e", "e");
  if (!(value > 0.9 && value < 1)) return trimmed(value.toPrecision(3));
  return trimmed(value.toFixed(2 - Math.floor(Math.log10(1 - value))));
};
const formatMoved = (moved) => Object.entries(moved ?? {})
  .map(([name, value]) => (settingSymbols[name] ?? name) + " " + formatSetting(value)).join(", ");
