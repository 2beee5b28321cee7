// Keys that can be pressed: which batch sizes and which learning rates a chart shows. What is picked
// is part of the address; nothing picked is the chart's own choice.
const picked = (name) => state[name].split(",").filter(Boolean);
const isPicked = (name, key, whereNone) => {
  if (state[name] === "all") return true;
  const keys = picked(name);
  return keys.length ? keys.includes(String(key)) : whereNone(key);
};

// Turns one key on or off among `keys`; what has all or none of them is its own choice again.
function togglePick(name, key, keys, whereNone) {
  const on = keys.filter((each) => (String(each) === String(key)) !== isPicked(name, each, whereNone));
  writeState(name, on.length === keys.length ? "all" : on.length ? on.join(",") : "");
}

// `batchSize`: what the key stands for, where that is one.
function addToggle(list, text, look, { isOn, press, batchSize = null }) {
  addKey(list, text, look);
  const item = list.lastChild;
  if (!look.dash && look.shape === "none") item.firstChild.remove();
  const button = element("button", { type: "button", class: "key", "aria-pressed": String(isOn), "data-batch": batchSize });
  button.append(...item.childNodes);
  button.addEventListener("click", press);
  item.append(button);
}

function addHeadOfKeys(list, text) {
  list.append(element("li", { class: "keys-head" }, text));
}
