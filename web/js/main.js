// Puts the page together, the answer first; again whenever more is known of a study that is watched.
const isLive = Boolean(study.live);
function showStudy() {
  showAnswer();
  addTarget();
  addCurves();
  addHeatMap();
  addOptima();
  addLimits();
  addAccuracy();
  addGeneralization();
  addRegret();
  hideOtherFigures();
  showTrials();
  showReproduction();
  addAnchors();
}
readState();
applyTheme();
readColors();
showStudy();
watchSurroundings();
goToLinkedSection();
document.documentElement.dataset.ready = "yes";
