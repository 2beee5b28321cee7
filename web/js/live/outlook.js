// What is left of a study: trials, time, money, and the verdicts that are open.
function openText({ rule, batch_size: batchSize, trials: more }) {
  return "whether the " + ruleTitle(rule) + " holds at B=" + batchSize + ": " + (more === null
    ? "its loss lies so near the tolerance that hundreds of seeds would not tell"
    : "about " + plural(more, "more trial") + " would settle it");
}

// Batch sizes of which there is nothing yet, and those whose best η is at an edge.
function unknownTexts() {
  const missing = batchSizes.filter((batchSize) => !optimumAt(batchSize));
  const edges = summary.optima.filter((row) => row.censored !== null).map((row) => row.batch_size);
  return [...(missing.length ? ["the best η at B=" + listed(missing) + ": no trials tell it yet"] : []),
    ...(edges.length ? ["where the best η ends at B=" + listed(edges) + ": it is the last one tried so far"] : []),
    ...study.live.open.map(openText)];
}

function leftText({ ended, expected, seconds_left: seconds, cost_left: cost }) {
  return formatCount(ended) + " of about " + plural(expected, "trial") +
    (seconds === null ? "" : ", about " + formatSeconds(seconds) + " left") +
    (cost === null ? "" : ", which cost about " + formatRounded(cost, 3)) + ".";
}

function activityText() {
  const { is_worked_on: isWorkedOn, seconds_since_change: idle } = study.live;
  if (isWorkedOn) return "";
  return isWorkedOn === false ? " Nobody works on it: etalon study --resume goes on from here."
    : " Whether anybody works on it cannot be told here; it last changed " + formatSeconds(idle ?? 0) + " ago.";
}

function showOutlook() {
  const { outlook, is_complete: isComplete } = study.live;
  byId("outlook").hidden = isComplete;
  byId("outlook-says").textContent = leftText(outlook) + activityText();
  byId("outlook-bar").max = Math.max(1, outlook.expected);
  byId("outlook-bar").value = outlook.ended;
  fill("outlook-open", ...unknownTexts().map((text) => element("li", {}, text)));
}
