// A study that is watched: what changed of it comes as server-sent events, is put into the study that
// the page has, and shown where the reader is.
function takeChanges(change) {
  if (change.generation !== study.generation) return location.reload();
  const { trials: changed, ...rest } = change;
  const known = new Map(trials.map((trial) => [trial.id, trial]));
  for (const trial of changed) known.set(trial.id, trial);
  takeStudy({ ...study, ...rest, trials: [...known.values()].sort((a, b) => a.id - b.id) });
}

// What is shown anew leaves what is being read where it is.
function inPlace(show) {
  const read = [...document.querySelectorAll("section")].find((section) => section.getBoundingClientRect().bottom > 0);
  const before = read?.getBoundingClientRect().top;
  show();
  const moved = read && scrollY > 0 ? read.getBoundingClientRect().top - before : 0;
  if (Math.abs(moved) > 0.5) scrollTo({ top: scrollY + moved, behavior: "instant" });
}

// A large study is not shown anew so often that the page has no time for its reader.
const kRestPerShow = 4;
let waiting = null, isRestOver = true;
function showSoon(isWhole) {
  waiting = (waiting ?? false) || isWhole;
  if (!isRestOver) return;
  const start = performance.now();
  const show = waiting ? showStudy : showLiveAlone;
  waiting = null;
  inPlace(show);
  isRestOver = false;
  setTimeout(() => {
    isRestOver = true;
    if (waiting !== null) showSoon(waiting);
  }, kRestPerShow * (performance.now() - start));
}

function hear(event) {
  const change = JSON.parse(event.data);
  takeChanges(change);
  showSoon(Boolean(change.summary) || change.trials.length > 0);
}

const clockText = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
function showConnection(isOpen) {
  byId("connection").hidden = isOpen;
  if (!isOpen) byId("connection").textContent = "Not connected: the page shows the study as it was at " + clockText(new Date()) + ".";
}

// While nobody looks at the page it holds no connection.
function connect() {
  let source = null;
  const open = () => {
    source = new EventSource("events?since=" + study.version);
    source.addEventListener("message", hear);
    source.addEventListener("open", () => showConnection(true));
    source.addEventListener("error", () => showConnection(false));
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) source.close();
    else open();
  });
  open();
}
