// Sorting, filtering and paging of the table of reports. Without this script the table shows everything, in order.
(() => {
  "use strict";
  const PAGE = 200; // rows laid out at a time: thousands would make every keystroke wait
  const byId = (id) => document.getElementById(id);
  const table = byId("list");
  if (!table) return;
  const body = table.tBodies[0];
  const collator = new Intl.Collator("zh-CN", { numeric: true });
  const rows = Array.from(body.rows, (row) => ({
    row,
    text: row.textContent.normalize("NFKC").toLowerCase(),
    year: row.dataset.year,
    failed: Number(row.dataset.failed),
  }));
  let order = rows;
  let page = 0;

  const matching = () => {
    const words = byId("find").value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    const year = byId("year").value;
    const failing = byId("failing").checked;
    return order.filter(
      (r) => words.every((w) => r.text.includes(w)) && (!year || r.year === year) && (!failing || r.failed > 0),
    );
  };

  const show = (everything = false) => {
    const found = matching();
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    page = Math.min(page, pages - 1);
    const shown = everything ? found : found.slice(page * PAGE, (page + 1) * PAGE);
    body.replaceChildren(...shown.map((r) => r.row));
    byId("count").textContent = `${found.length} / ${rows.length} 份 reports`;
    byId("pager").hidden = pages === 1;
    byId("page").textContent = `${page + 1} / ${pages}`;
    byId("before").disabled = page === 0;
    byId("after").disabled = page === pages - 1;
  };

  const turn = (to) => { page = to; show(); };

  const value = (row, column, kind) => {
    const cell = row.cells[column];
    if (kind === "text") return cell.textContent.trim();
    const raw = cell.dataset.value ?? cell.textContent.trim();
    return raw === "" ? NaN : Number(raw);
  };

  const sort = (head, column) => {
    const kind = head.dataset.sort;
    const down = head.getAttribute("aria-sort") === (kind === "number" ? "descending" : "ascending")
      ? kind !== "number" : kind === "number"; // numbers start with the largest
    const sign = down ? -1 : 1;
    const keyed = rows.map((r) => ({ r, key: value(r.row, column, kind) }));
    keyed.sort((a, b) => {
      if (kind === "text") return sign * collator.compare(a.key, b.key);
      if (Number.isNaN(a.key) || Number.isNaN(b.key)) return Number.isNaN(a.key) - Number.isNaN(b.key);
      return sign * (a.key - b.key);
    });
    order = keyed.map((k) => k.r);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    turn(0);
  };

  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head, column));
  });
  for (const id of ["find", "year", "failing"]) byId(id).addEventListener("input", () => turn(0));
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  byId("before").addEventListener("click", () => turn(page - 1));
  byId("after").addEventListener("click", () => turn(page + 1));
  window.addEventListener("beforeprint", () => show(true));
  window.addEventListener("afterprint", () => show());
  byId("controls").hidden = false;
  show();
})();
