// Puts the page together, the answer first.
readState();
applyTheme();
readColors();
showAnswer();
fit.groups.forEach(showGroup);
watchSurroundings();
document.documentElement.dataset.ready = "yes";
