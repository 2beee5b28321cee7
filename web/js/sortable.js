// A table of a few rows that is sorted by the column that is pressed: by the numbers that cells begin
// with, or else by their words.
function sortKey(cell) {
  const text = (cell.querySelector(".use") ?? cell).textContent.trim().replaceAll(",", "");
  const number = parseFloat(text.replace(/^[^\d+-.]+/, ""));
  return Number.isNaN(number) ? text : number;
}

function compareCells(index, direction) {
  return (a, b) => {
    const [x, y] = [a, b].map((row) => sortKey(row.children[index]));
    if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
    return direction * (typeof x === "string" ? x.localeCompare(y) : x - y);
  };
}

function sortable(table) {
  const heads = [...table.querySelectorAll("thead th")];
  heads.forEach((head, i) => {
    const button = element("button", { type: "button", class: "sort", title: "Sort by this" });
    button.append(...head.childNodes, element("span", { class: "arrow", "aria-hidden": "true" }));
    head.append(button);
    button.addEventListener("click", () => sortRows(table, heads, i));
  });
  return table;
}

function sortRows(table, heads, index) {
  const direction = heads[index].getAttribute("aria-sort") === "ascending" ? -1 : 1;
  heads.forEach((head, i) => {
    head.setAttribute("aria-sort", i !== index ? "none" : direction > 0 ? "ascending" : "descending");
    head.querySelector(".arrow").textContent = i !== index ? "" : direction > 0 ? "↑" : "↓";
  });
  const body = table.querySelector("tbody");
  body.append(...[...body.children].sort(compareCells(index, direction)));
}
