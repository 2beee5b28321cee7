// Building blocks of the page. Text enters the document as text only, never as markup.
const byId = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return node;
}

// Text with powers such as B^0.73 set as powers.
function withPowers(text) {
  const parts = text.split(/\bB\^(-?[\d.]*\d)/);
  return parts.map((part, i) => (i % 2 ? element("span", {}, "B", element("sup", {}, part)) : part));
}

// What the switches say, kept in the address after the # so that a view can be linked to.
const state = { rule: ruleNames.at(-1) ?? "tuned", x: "epochs", y: "validation", color: "extra",
  theme: "" };

function readState() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (name in state) state[name] = value;
  }
}

function writeState(name, value) {
  state[name] = value;
  const shown = new URLSearchParams(Object.entries(state).filter(([, each]) => each !== ""));
  try {
    history.replaceState(null, "", "#" + shown);
  } catch {
    // Some browsers refuse this for files; the view then only lacks a link.
  }
}

// A group of radio buttons for one entry of the state; `choices` are [value, label].
function addSwitch(parent, name, label, choices, changed) {
  if (!choices.some(([value]) => value === state[name])) state[name] = choices[0][0];
  const segments = element("div", { class: "segments" });
  for (const [value, text] of choices) {
    const input = element("input", { type: "radio", name, value });
    input.checked = state[name] === value;
    input.addEventListener("change", () => {
      writeState(name, value);
      changed();
    });
    segments.append(element("label", {}, input, element("span", {}, text)));
  }
  parent.append(element("fieldset", {}, element("legend", {}, label), segments));
}

// A section with a title, a sentence, room for switches, a chart and its keys.
function addFigure(id, title) {
  const says = element("p", { class: "says", id: id + "-says" });
  const controls = element("div", { class: "controls" });
  const chart = element("div", {
    class: "chart", id: id + "-chart", role: "img", "aria-label": title,
    "aria-describedby": id + "-says",
  });
  const keys = element("ul", { class: "keys", "aria-label": "Key" });
  const section = element("section", { id, "aria-labelledby": id + "-title" },
    element("h2", { id: id + "-title" }, title), says, controls,
    element("figure", {}, chart, keys));
  byId("figures").append(section);
  return { says, controls, chart, keys };
}

async function copyText(text, button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", { "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = label), 1500);
}
