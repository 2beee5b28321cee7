// A chart as a file: its picture with title and keys, or the numbers that it shows.
const svgSpace = "http://www.w3.org/2000/svg";

function svgPart(tag, attributes, ...children) {
  const node = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function saveAs(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

const csvCell = (value) => {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
};
const asCsv = (rows) => rows.map((row) => row.map(csvCell).join(",") + "\r\n").join("");

const asTable = (columns, rows) => [columns, ...rows.map((row) => columns.map((column) => row[column]))];

// A key as it stands in the list: its mark, its ramp, its words.
function keyPicture(item, list) {
  const origin = list.getBoundingClientRect();
  const parts = [];
  const walk = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    parts.push(svgPart("text", { x: box.left - origin.left, y: box.top - origin.top + box.height * 0.75,
      fill: colors.quiet, "font-size": 13 }, text.textContent));
  }
  for (const mark of item.querySelectorAll("svg, .ramp")) {
    const box = mark.getBoundingClientRect();
    const [x, y] = [box.left - origin.left, box.top - origin.top];
    parts.push(svgPart("g", { transform: "translate(" + x + "," + y + ")" },
      ...(mark.dataset.colors ? rampPicture(mark, box) : mark.cloneNode(true).childNodes)));
  }
  return parts;
}

function rampPicture(mark, box) {
  const ramp = JSON.parse(mark.dataset.colors);
  const width = box.width / ramp.length;
  return ramp.map((fill, i) => svgPart("rect", { x: i * width, width: width + 0.5, height: box.height, fill }));
}

// The chart under its title and above its keys, on paper.
function figurePicture(record) {
  if (!record.option) drawChart(record);
  const kTitle = 34;
  const list = record.node.parentElement.querySelector(".keys");
  const [width, height] = [record.chart.getWidth(), record.chart.getHeight()];
  const whole = height + kTitle + (list?.offsetHeight ?? 0) + 16;
  const drawing = new DOMParser().parseFromString(record.chart.renderToSVGString(), "image/svg+xml");
  const keys = [...list?.children ?? []].filter((item) => item.offsetParent).flatMap((item) => keyPicture(item, list));
  return svgPart("svg", { xmlns: svgSpace, width, height: whole, viewBox: "0 0 " + width + " " + whole, "font-family": font },
    svgPart("rect", { width, height: whole, fill: colors.paper }),
    svgPart("text", { x: 8, y: 22, fill: colors.ink, "font-size": 16, "font-weight": 600 }, record.node.getAttribute("aria-label")),
    svgPart("g", { transform: "translate(0," + kTitle + ")" }, document.importNode(drawing.documentElement, true)),
    svgPart("g", { transform: "translate(8," + (height + kTitle + 6) + ")" }, ...keys));
}

const pictureText = (record) => new XMLSerializer().serializeToString(figurePicture(record));

// Twice as fine as on the page.
function savePng(record, name) {
  const image = new Image();
  image.addEventListener("load", () => {
    const canvas = element("canvas", { width: 2 * image.width, height: 2 * image.height });
    const paint = canvas.getContext("2d");
    paint.scale(2, 2);
    paint.drawImage(image, 0, 0);
    canvas.toBlob((blob) => saveAs(name, "image/png", blob));
  });
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(pictureText(record));
}

// The buttons of a figure.
function addTools(record) {
  const name = "etalon-" + record.node.id.replace(/-chart$/, "");
  const button = (text, label, act) => {
    const made = element("button", { type: "button", class: "tool", "aria-label": label, title: label }, text);
    made.addEventListener("click", act);
    return made;
  };
  record.resetZoom = button("Whole chart", "Show the whole chart again", () => zoomTo(record, null));
  record.resetZoom.hidden = true;
  const csv = button("CSV", "Download the numbers as CSV", () => saveAs(name + ".csv", "text/csv", asCsv(record.table())));
  record.node.parentElement.append(element("div", { class: "tools" }, record.resetZoom,
    button("−", "Zoom out", () => zoomBy(record, 1.6)), button("+", "Zoom in", () => zoomBy(record, 0.625)),
    button("PNG", "Download as PNG", () => savePng(record, name + ".png")),
    button("SVG", "Download as SVG", () => saveAs(name + ".svg", "image/svg+xml", pictureText(record))),
    csv));
  record.csv = csv;
}
