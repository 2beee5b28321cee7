// The noise scale as the page reads it, and what the shared parts of the page expect to find.
const noise = JSON.parse(document.getElementById("data").textContent);
const summary = { study: { level: noise.level } };
const ruleNames = [];
let batchSizes = [];

const isDefined = noise.noise_scale !== null;
const hasInterval = noise.noise_scale_low !== null;
