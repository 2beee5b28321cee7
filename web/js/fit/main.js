// Puts the page together, the answer first.
readState();
applyTheme();
readColors();
showHeadline();
showOverview();
fit.groups.forEach(showGroup);
showSource();
addAnchors();
watchSurroundings();
goToLinkedSection();
whenDrawn(() => (document.documentElement.dataset.ready = "yes"));
