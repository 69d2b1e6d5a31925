/* Search and filters of the Rosetta table. Without this script the table is all there. */
"use strict";

(function () {
  const table = document.querySelector(".sidebyside-rosetta");
  if (!table) return;
  const form = table.querySelector("form");
  const rows = [...table.querySelectorAll(".row")];
  const hits = form.querySelector(".hits");
  const field = (name) => form.elements[name];

  function shows(row) {
    const words = field("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    const { section, difference, missing, text } = row.dataset;
    return (
      words.every((word) => text.includes(word)) &&
      (!field("section").value || section === field("section").value) &&
      (!field("difference").value || difference === field("difference").value) &&
      (!field("missing").value || missing.split(" ").includes(field("missing").value))
    );
  }

  function update() {
    let count = 0;
    for (const row of rows) {
      row.hidden = !shows(row);
      count += !row.hidden;
    }
    for (const part of table.querySelectorAll(".part")) {
      part.hidden = !part.querySelector(".row:not([hidden])");
    }
    hits.textContent = `${count} of ${rows.length} rows`;
  }

  form.addEventListener("input", update);
  field("q").value = new URLSearchParams(location.search).get("q") || "";
  update();
  if (location.hash) document.querySelector(location.hash)?.scrollIntoView();
})();
