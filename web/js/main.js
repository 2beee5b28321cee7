// Puts the page together, the answer first; again whenever more is known of a study that is watched.
const isLive = Boolean(study.live);

// While a study runs, what is under way comes before what ended.
function showFigures() {
  const isUnderWay = isLive && !study.live.is_complete;
  addTarget();
  if (isLive) showLive();
  if (isUnderWay) addHeatMap();
  addCurves();
  if (!isUnderWay) addHeatMap();
  addOptima();
  addLimits();
  addAccuracy();
  addGeneralization();
  addRegret();
  hideOtherFigures();
}

function showStudy() {
  showAnswer();
  showFigures();
  showTrials();
  showReproduction();
  addAnchors();
  showTrial();
}

readState();
applyTheme();
readColors();
showStudy();
watchSurroundings();
listenForTrials();
goToLinkedSection();
if (isLive) connect();
whenDrawn(() => (document.documentElement.dataset.ready = "yes"));
