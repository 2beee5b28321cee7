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

// Fills an element that may have been filled before.
const fill = (id, ...children) => byId(id).replaceChildren(...children);

// Text with powers such as B^0.73 set as powers.
function withPowers(text) {
  const parts = text.split(/\bB\^(-?[\d.]*\d)/);
  return parts.map((part, i) => (i % 2 ? element("span", {}, "B", element("sup", {}, part)) : part));
}

// What the switches say, kept in the address after the # so that a view can be linked to, behind the
// section that is linked to, if any: "#curves&rule=tuned".
const state = { rule: "tuned", x: "epochs", y: "validation", axes: "auto", sizes: "", rates: "", color: "extra",
  live_x: "steps", live_axes: "auto", live_sizes: "", only_size: "", only_state: "", only_rule: "", trial: "", theme: "" };
let linkedSection = "";

function readState() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (name in state) state[name] = value;
    else if (value === "") linkedSection = name;
  }
}

function showAddress() {
  const said = new URLSearchParams(Object.entries(state).filter(([, each]) => each !== ""));
  try {
    history.replaceState(null, "", "#" + [linkedSection, said].filter(String).join("&"));
  } catch {
    // Some browsers refuse this for files; the view then only lacks a link.
  }
}

function writeState(name, value) {
  state[name] = value;
  showAddress();
}

function goToLinkedSection() {
  if (linkedSection) byId(linkedSection)?.scrollIntoView({ behavior: "instant" });
}

// A heading that can be linked to.
function addAnchor(section, heading) {
  const anchor = element("a", { class: "anchor", href: "#" + section.id, "aria-label": "Link to this section" }, "#");
  anchor.addEventListener("click", (event) => {
    event.preventDefault();
    linkedSection = section.id;
    showAddress();
    section.scrollIntoView();
  });
  heading.append(anchor);
}

function addAnchors() {
  for (const section of document.querySelectorAll("section[id]")) {
    const heading = section.querySelector("h2");
    if (heading && !heading.querySelector(".anchor") && section.id !== "answer") addAnchor(section, heading);
  }
}

// A group of radio buttons for one entry of the state; `choices` are [value, label]. A parent that
// has it already gets it anew only where its choices changed.
function addSwitch(parent, name, label, choices, changed) {
  if (!choices.some(([value]) => value === state[name])) state[name] = choices[0][0];
  const before = [...parent.children].find((each) => each.dataset.name === name);
  const said = JSON.stringify(choices);
  if (before?.dataset.choices === said) return;
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
  const group = element("fieldset", { "data-name": name, "data-choices": said }, element("legend", {}, label), segments);
  if (before) before.replaceWith(group);
  else parent.append(group);
}

// A section with a title, a sentence, room for switches, a chart and its keys. One that is there
// already is given back, so that a page that is shown anew stays where its reader is.
const figures = new Map();
let figuresShown = new Set(), figuresArePlaced = false;
function makeFigure(id) {
  const says = element("p", { class: "says", id: id + "-says" });
  const controls = element("div", { class: "controls" });
  const chart = element("div", {
    class: "chart", id: id + "-chart", role: "img", "aria-describedby": id + "-says" });
  const keys = element("ul", { class: "keys", "aria-label": "Key" });
  const title = element("h2", { id: id + "-title" });
  const section = element("section", { id, "aria-labelledby": id + "-title" }, title, says, controls,
    element("figure", {}, chart, keys));
  return { section, title, says, controls, chart, keys, below: null };
}

function addFigure(id, title) {
  if (!figures.has(id)) figures.set(id, makeFigure(id));
  const figure = figures.get(id);
  const before = [...figuresShown].at(-1);
  figuresShown.add(id);
  figure.section.hidden = false;
  figure.chart.setAttribute("aria-label", title);
  if (figure.title.dataset.text !== title) figure.title.replaceChildren(title);
  figure.title.dataset.text = title;
  if (!figure.section.isConnected) placeFigure(figure.section, before);
  return figure;
}

// At the end while the page is put together; later after the one that is shown before it.
function placeFigure(section, before) {
  const parent = byId("figures");
  if (!figuresArePlaced) parent.append(section);
  else if (before) figures.get(before).section.after(section);
  else parent.prepend(section);
}

// What stands below the figure, in place of what stood there.
function putBelow(figure, node) {
  if (figure.below) figure.below.replaceWith(node);
  else figure.section.append(node);
  figure.below = node;
}

// Hides the figures of which there is nothing to show any more.
function hideOtherFigures() {
  for (const [id, { section }] of figures) section.hidden = !figuresShown.has(id);
  figuresShown = new Set();
  figuresArePlaced = true;
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
