// Puts the page together, the answer first.
readState();
applyTheme();
readColors();
showHeadline();
if (isDefined) addCosts();
if (isDefined) addRates();
addParts();
addLimits();
addNorms();
showSaid();
addAnchors();
watchSurroundings();
goToLinkedSection();
whenDrawn(() => (document.documentElement.dataset.ready = "yes"));
