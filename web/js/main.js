// Puts the page together, the answer first.
readState();
applyTheme();
readColors();
showAnswer();
addTarget();
addCurves();
addHeatMap();
addOptima();
addLimits();
addAccuracy();
addGeneralization();
addRegret();
showTrials();
showReproduction();
watchSurroundings();
document.documentElement.dataset.ready = "yes";
