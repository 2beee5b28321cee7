// A trial by itself: its settings, curve, command and what it printed, above the page.
const trialLink = (id) => element("a", { href: "#trial=" + id, "data-trial": id }, id);
const trialOf = (id) => [...(study.live?.under_way ?? []), ...trials].find((trial) => String(trial.id) === String(id));

const trialFacts = (trial) => [["batch size", trial.batch_size], ["learning rate", formatLr(trial.lr)],
  ["seed", trial.seed], ...(hasMoved(trial) ? [["also moved", formatMoved(trial.moved)]] : []), ["state", trial.state],
  ...(trial.objective === null ? [] : [[target ? "steps to target" : lossWord, formatObjective(shown(trial.objective))]]),
  ["steps", formatCount(trial.curve.step.at(-1) ?? trial.steps)],
  ["took", formatSeconds(trial.seconds ?? trial.wall_seconds)], ["run for", purposeOf(trial)]];

function trialLines(trial) {
  const line = (column, look, name) => ({ name, look, isThin: false, batchSize: null,
    points: meanCurve({ trials: [trial] }, "steps", column) });
  return [line("validation_loss", { color: colors.accent, dash: "solid", shape: "circle" }, curvesAreNegative ? curveName : "validation loss"),
    line("train_loss", { color: colors["rule-2"], dash: [7, 4], shape: "none" }, "training loss")].filter((each) => each.points.length);
}

function trialOption(trial, narrow) {
  const lines = trialLines(trial);
  const all = lines.flatMap((line) => line.points.map((point) => point[1]));
  return linesOption(narrow, lines, { over: "steps", axes: "auto", yName: "loss", scale: cutAt(Infinity, all.length ? all : [0, 1]) });
}

function logParts({ directory, command, stdout, stderr }) {
  const part = (title, text) => (text ? [element("h3", {}, title), element("pre", { class: "log", tabindex: 0 }, text)] : []);
  return [...part("Command, in " + directory, command.join(" ")), ...part("stderr", stderr), ...part("stdout", stdout)];
}

// Only a page that is served has somebody to ask.
async function showLog(trial) {
  byId("trial-log").replaceChildren();
  if (!isLive) return;
  const answer = await fetch("trial?id=" + trial.id).then((response) => response.json()).catch(() => ({ attempts: [] }));
  if (String(trial.id) !== state.trial) return;
  fill("trial-log", ...answer.attempts.flatMap(logParts));
}

// Again whenever more of the trial is known.
function showTrial() {
  const dialog = byId("trial"), trial = trialOf(state.trial);
  if (!trial) return void (dialog.open && dialog.close());
  if (!dialog.open) {
    dialog.showModal();
    showLog(trial);
  }
  byId("trial-title").textContent = "Trial " + trial.id;
  fill("trial-facts", ...trialFacts(trial).map(([term, text]) => element("div", {}, element("dt", {}, term), element("dd", {}, text))));
  byId("trial-message").textContent = trial.message;
  const hasCurve = trialLines(trial).length > 0;
  byId("trial-chart").parentElement.hidden = !hasCurve;
  if (!hasCurve) return;
  byId("trial-chart").setAttribute("aria-label", "Trial " + trial.id);
  addChart(byId("trial-chart"), 260, (narrow) => trialOption(trial, narrow), () => {
    byId("trial-keys").replaceChildren();
    for (const line of trialLines(trial)) addKey(byId("trial-keys"), line.name, line.look);
  }, () => [["curve", "step", "loss"], ...trialLines(trial).flatMap((line) => line.points.map(([x, y]) => [line.name, x, y]))]);
  tellNearest(byId("trial-chart"), (series, [x, y]) => series.name + "\nstep " + formatCount(Math.round(x)) + ", " + formatLoss(y));
}

function listenForTrials() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-trial]");
    if (!link) return;
    event.preventDefault();
    writeState("trial", link.dataset.trial);
    showTrial();
  });
  byId("trial").addEventListener("close", () => writeState("trial", ""));
  byId("trial-close").addEventListener("click", () => byId("trial").close());
}
