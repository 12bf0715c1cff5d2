/* The page of eval.reporting.page: tabs, sorting, filtering, keys. Nothing is ever inserted as markup. */
"use strict";
(() => {
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const one = (id) => document.getElementById(id);
  const root = document.documentElement;
  root.classList.add("js");

  // -- tabs and items: the address names what is shown, so that back and links work ----------------
  const rows = all("#list tbody tr");
  let shown = null;

  function open(article) {
    if (!article) return;
    if (shown) shown.classList.remove("on");
    shown = article;
    shown.classList.add("on");
    for (const row of rows) {
      const on = row.dataset.target === article.id;
      row.classList.toggle("on", on);
      row.toggleAttribute("aria-current", on);
      if (on) row.scrollIntoView({ block: "nearest" });
    }
  }

  function go() {
    const target = one(decodeURIComponent(location.hash.slice(1)));
    const article = target && target.closest("article");
    const page = (target && target.closest(".page")) || one("overview");
    for (const each of all(".page")) each.classList.toggle("on", each === page);
    for (const tab of all("[role=tab]")) tab.setAttribute("aria-selected", tab.hash === "#" + page.id);
    if (article) open(article);
    else if (page.id === "items" && !shown && rows.length) open(one(rows[0].dataset.target));
    for (const at of all(".at")) at.classList.remove("at");
    if (target && target !== article && article) {
      const folded = target.closest("details");
      if (folded) folded.open = true;
      target.classList.add("at");
      target.scrollIntoView({ block: "nearest" });
      target.focus({ preventScroll: true });
    } else if (article) one("detail").scrollTop = 0;
    else scrollTo(0, 0);
  }
  addEventListener("hashchange", go);

  // -- sorting: a column by its data-order where it has one, else by its text ----------------------
  const words = new Intl.Collator("zh-Hans-CN", { numeric: true });
  function value(row, column) {
    const cell = row.cells[column];
    if (cell.dataset.order === undefined) return cell.textContent.trim();
    return cell.dataset.order === "" ? null : Number(cell.dataset.order);
  }
  function compare(one, other) {
    if (one === null || other === null) return (one === null) - (other === null);
    return typeof one === "number" && typeof other === "number" ? one - other : words.compare(one, other);
  }
  for (const table of all("table.sortable")) {
    all("thead th", table).forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const each of all("thead th", table)) each.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const sorted = [...body.rows].map((row) => [value(row, column), row]);
        sorted.sort((a, b) => (down && a[0] !== null && b[0] !== null ? compare(b[0], a[0]) : compare(a[0], b[0])));
        body.append(...sorted.map((pair) => pair[1]));
      });
    });
  }

  // -- filtering ----------------------------------------------------------------------------------
  const form = one("filter");
  const field = one("words");
  const texts = new Map(rows.map((row) => {
    const article = one(row.dataset.target);
    const parts = all("h2, .answer, .reasons, .expected, td", article).map((part) => part.textContent);
    return [row, parts.join("\n").toLowerCase()];
  }));
  function filter() {
    const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = all("select", form).filter((select) => select.value);
    let count = 0;
    for (const row of rows) {
      const fits = chosen.every((select) => row.dataset[select.dataset.key] === select.value)
        && wanted.every((word) => texts.get(row).includes(word));
      row.hidden = !fits;
      count += fits;
    }
    one("count").textContent = `${count} / ${rows.length} 题`;
  }
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());

  // -- pointer and keys ---------------------------------------------------------------------------
  const goTo = (row) => { location.hash = row.dataset.target; };
  for (const row of rows) row.addEventListener("click", (event) => event.target.closest("a") || goTo(row));
  function step(by) {
    const open = [...one("list").tBodies[0].rows].filter((row) => !row.hidden);
    const at = open.findIndex((row) => row.classList.contains("on"));
    const next = open[Math.min(Math.max(at + by, 0), open.length - 1)];
    if (next) goTo(next);
  }
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      form.reset();
      filter();
      document.activeElement.blur();
      return;
    }
    if (event.target.closest("input, select, textarea")) return;
    const act = { j: () => step(1), k: () => step(-1), "/": () => { location.hash = "items"; field.focus(); } }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  filter();
  go();
})();
