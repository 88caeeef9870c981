// A JupyterLab extension that needs no build. Outputs may bring no scripts of their own, so what sorts them stands here.
(() => {
  const HEADS = ".jp-OutputArea-output table.sortable thead th";
  const FACTORS = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 };
  const UNKNOWN = "–";

  /** "$12.3M", "1,234", "−0.05" or "45.6%" as a number; NaN where the text is none. */
  function numberIn(text) {
    const [, digits, unit] = text.replace("−", "-").match(/^(-?\$?[\d,]*\.?\d+)([KMBT%]?)$/) ?? [];
    return digits === undefined ? Number.NaN : Number(digits.replace(/[$,]/g, "")) * (FACTORS[unit] ?? 1);
  }

  /** The rows in the order of one column, numbers by size and other texts by the alphabet; the unknown stand last. */
  function inOrder(rows, column, sign) {
    const texts = new Map(rows.map((row) => [row, row.cells[column]?.textContent.trim() ?? ""]));
    const known = rows.filter((row) => texts.get(row) !== UNKNOWN);
    const numeric = known.every((row) => !Number.isNaN(numberIn(texts.get(row))));
    const compare = (a, b) => (numeric ? numberIn(a) - numberIn(b) : a.localeCompare(b, undefined, { numeric: true }));
    known.sort((a, b) => sign * compare(texts.get(a), texts.get(b)));
    return [...known, ...rows.filter((row) => texts.get(row) === UNKNOWN)];
  }

  function sortBy(head) {
    const order = head.ariaSort === "ascending" ? "descending" : "ascending";
    for (const other of head.parentElement.cells) other.ariaSort = null;
    head.ariaSort = order;
    const body = head.closest("table").tBodies[0];
    body.append(...inOrder([...body.rows], head.cellIndex, order === "ascending" ? 1 : -1));
  }

  function activate() {
    const style = document.createElement("style");
    // and pictures as wide as the column, which Lab cuts off where they are wider
    style.textContent = `
      .jp-RenderedSVG img { max-width: 100%; height: auto; }
      ${HEADS} { cursor: pointer; }
      ${HEADS}[aria-sort="ascending"]::after { content: " ▲"; }
      ${HEADS}[aria-sort="descending"]::after { content: " ▼"; }`;
    document.head.append(style);
    document.addEventListener("click", ({ target }) => {
      const head = target instanceof Element && target.closest(HEADS);
      if (head) sortBy(head);
    });
  }

  const extension = { id: "movie-revenue-tables:sort", autoStart: true, activate };
  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["movie-revenue-tables"] = { init() {}, get: async () => () => extension };
})();
