/* Search in the ledger of claims, and links to one claim or article. Without this script all is there. */
"use strict";

(function () {
  const ledger = document.querySelector(".sidebyside-ledger");
  if (!ledger) return;
  const form = ledger.querySelector("form");
  const claims = [...ledger.querySelectorAll(".claim")];
  const topics = [...ledger.querySelectorAll(".topic")];
  const texts = new Map(claims.map((claim) => [claim, claim.textContent.toLowerCase()]));

  function update() {
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const claim of claims) {
      const text = texts.get(claim);
      claim.classList.toggle("no-match", !words.every((word) => text.includes(word)));
    }
    for (const topic of topics) topic.hidden = false;
    for (const topic of topics) topic.hidden = !shown(topic);
  }

  function shown(topic) {
    return [...topic.querySelectorAll(".claim")].some((claim) => claim.offsetParent);
  }

  function open() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.matches("details")) return;
    target.open = true;
    target.scrollIntoView();
  }

  form.elements.q.value = new URLSearchParams(location.search).get("q") || "";
  form.addEventListener("input", update);
  addEventListener("hashchange", open);
  update();
  open();
})();
