// How to read the page, and how to run the study again.
function ruleParagraph() {
  const { study, rules } = summary;
  const powers = new Map(rules.map((row) => [row.rule, row.power]));
  const named = ([rule, power]) => rule + " " + trimmed(String(power));
  const known = [...powers].filter(([, power]) => power !== null).map(named);
  const others = [...powers].filter(([, power]) => power === null).map(([rule]) => rule);
  const moved = movingRules.map((rule) => ruleTitle(rule) + " moves " + listed([...new Set(
    rules.filter((row) => row.rule === rule).flatMap((row) => Object.keys(row.moved)))]) + " as well");
  return "Each starts from the best learning rate at B=" + study.base_batch_size + " (η=" +
    formatLr(study.base_lr) + ") and multiplies it by a power of the ratio of batch sizes" +
    (known.length ? ": " + listed(known) : "") + (others.length ? "; " + listed(others) +
      " by a curve that depends on the noise scale" : "") + "." +
    (moved.length ? " The " + moved.join("; the ") + ", and is tested with all of it: its trials " +
      "are compared with the best η that leaves those settings as they are, and enter no optimum." : "");
}

// Of a run that was not cut short; null where there is none. A program may count others than updates.
function stepsTaken(batchSize) {
  const whole = trials.find((trial) => trial.batch_size === batchSize && trial.state === "finished");
  return whole ? formatCount(whole.steps) : null;
}

function budgetParagraph() {
  const { study } = summary;
  const alike = ", and has the settings listed below; only the batch size, the learning rate and the " +
    "seed change" + (movingRules.length ? ", and what a rule moves besides" : "") + ".";
  const [small, large] = [batchSizes[0], batchSizes.at(-1)];
  if (study.budget_examples > 0) {
    const steps = (batchSize) => stepsTaken(batchSize) + " at B=" + batchSize;
    const known = !isProgram && stepsTaken(small) && stepsTaken(large);
    return "Every trial spends the same budget, " + plural(study.budget_examples, "example") + alike +
      " A larger batch therefore takes fewer steps" + (known ? ": " + steps(small) + ", " + steps(large) : "") +
      ". That the best loss changes with B is the effect of that; " +
      "the learning rate cannot undo all of it.";
  }
  if (study.budget_steps > 0) {
    return "Every trial takes " + plural(study.budget_steps, "step") + alike + " A larger batch " +
      "therefore sees more examples: with a fixed number of examples the best learning rates grow " +
      "otherwise.";
  }
  return "Every trial is one run of the program" + alike + " How long it trains is the program's own.";
}

function bestParagraph() {
  const { study } = summary;
  if (isProgram) {
    return "The learning rate of " + (maximizes ? "greatest expected " + study.objective
      : target ? "fewest expected " + objectiveText : "least expected loss (" + study.objective + ")") + ", from one loss surface " +
      "fitted to the trials of all batch sizes. The " + levelText + " interval says how well they " +
      "pin it down.";
  }
  return "The learning rate of " + (target ? "fewest" : "least") + " expected " + objectiveText + " at one batch size, from a " +
    "curve through the learning rates tried around it. The " + levelText + " interval says how well " +
    "the seeds pin it down. An optimum on the edge of what was tried is a bound, not an estimate.";
}

function readingParagraphs() {
  const { study } = summary;
  const rules = !ruleNames.length ? [] : [
    ["Rules.", ruleParagraph()],
    ["Verdicts.", "A rule is compared with the best learning rate on the same seeds, so that the luck " +
      "of a seed cancels. It holds when the whole interval of its " + (maximizes ? "lost " + lossWord : target ? "extra steps" : "extra loss") + " is below " +
      (target ? formatShare(study.tolerance) : formatTolerance(study.tolerance)) + "; that is a statement of equivalence. Where the interval is too wide to say, " +
      "the report says so; more seeds narrow it."],
  ];
  return [
    ["What was held fixed.", budgetParagraph()],
    ["What it holds for.", "This workload and this budget. With a longer budget, another model or " +
      "other data the best learning rate moves; run the study on yours."],
    ["Best η.", bestParagraph()],
    ...rules,
    ["Diverged.", (maximizes ? "The metric ceased to be a number." :
      "The loss ceased to be a number or left its ceiling.") + " That is a result: the learning " +
      "rate is too high there."],
  ];
}

function pairs(title, rows) {
  const list = element("dl", { class: "pairs" });
  for (const [term, text] of rows) {
    const kind = String(text).includes("\n") ? { class: "lines" } : {};
    list.append(element("div", kind, element("dt", {}, term), element("dd", {}, text)));
  }
  return element("div", {}, element("h3", {}, title), list);
}

function showReproduction() {
  fill("reading-body", ...readingParagraphs().map(([title, text]) =>
    element("p", {}, element("b", {}, title), " " + text)));
  const from = summary.provenance;
  byId("reproduce-says").textContent = "This command runs " + (isProgram
    ? "such a study again. What a trial comes to is up to the program, and which trials are chosen " +
      "follows from that."
    : "the same trials again, in a directory of its own and on any number of jobs. On the same " +
      "processor their losses are the same, bit for bit; on another one they differ by rounding.");
  byId("command").textContent = from.reproduce_command;
  const button = byId("copy-command");
  button.onclick = () => copyText(from.reproduce_command, button);
  fill("provenance",
    pairs("Settings", [...Object.entries(summary.study.settings), ["batch sizes", batchSizes.join(", ")],
      ["seeds", from.seeds.join(", ")]]),
    pairs("Versions and machine", [["etalon", from.etalon_version], ["compiler", from.compiler],
      ...(from.onednn_version ? [["oneDNN", from.onednn_version]] : []), ["started", from.started_utc], ["jobs", from.jobs],
      ["processor", from.machine.cpu_model], ["logical processors", from.machine.processors],
      ["memory", formatBytes(from.machine.memory_bytes)], ["system", from.machine.operating_system]]));
}
