// The answer in large type, and what it rests on.
const capital = (text) => text[0].toUpperCase() + text.slice(1);

function leadOfScale() {
  const where = hasInterval
    ? ", " + formatInterval(noise.noise_scale_low || null, noise.noise_scale_high, formatNumber) +
      " with a probability of " + levelText
    : "; a ratio that was logged gets no interval";
  return "That is the gradient noise scale" + where + ". There training takes twice the least steps and twice " +
    "the least examples. Well below it, a doubled batch halves the steps and asks for twice the learning rate of " +
    "SGD; well above it, it saves hardly a step and the learning rate stays.";
}

function leadOfNone() {
  const least = noise.noise_scale_low > 0
    ? " It is at least " + formatNumber(noise.noise_scale_low) + " examples, so that batches up to there waste little." : "";
  const need = noise.examples_needed
    ? " About " + formatNumber(noise.examples_needed) + " examples in all, measured in the same way, would tell." : "";
  return "The squared length of the true gradient cannot be told from zero." + least + need;
}

function factsOf() {
  const facts = [["From", noise.method]];
  if (noise.squared_gradient !== undefined) {
    const text = (key) => formatNumber(noise[key]) + (noise[key + "_low"] === null ? "" : " (" +
      formatInterval(noise[key + "_low"], noise[key + "_high"], formatNumber) + ")");
    facts.push(["|G|²", text("squared_gradient")], ["tr Σ", text("covariance_trace")]);
  }
  facts.push(["Intervals", levelText]);
  return facts;
}

function showHeadline() {
  const title = isDefined ? "Batches of up to about " + formatSize(Number(noise.noise_scale.toPrecision(3))) +
    " examples are worth what they cost." : "The gradient noise scale is undefined here.";
  document.title = "Etalon: " + (isDefined ? "noise scale " + formatNumber(noise.noise_scale) : "noise scale");
  byId("subject").textContent = noise.source;
  byId("conclusion").textContent = title;
  byId("lead").textContent = isDefined ? leadOfScale() : leadOfNone();
  for (const [name, value] of factsOf()) {
    byId("facts").append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  }
}

function showSaid() {
  if (!noise.said.length) return;
  byId("source").hidden = false;
  byId("source-list").append(...noise.said.map((sentence) => element("li", {}, capital(sentence) + ".")));
}
