/* Fits every slide to its frame, then lets Reveal.js show them.
   Keys: 1, 2, 3 show one lane large, 0 all of them; T changes light and dark. */
(() => {
  "use strict";
  const LARGEST = 26, ALONE = 34, BROKEN = 18; // px on a frame of 1280 x 720
  const EASY = 17, READABLE = 14, SMALLEST = 8;
  const LANES = ["pytorch", "tensorflow", "keras"];
  const root = document.documentElement;
  const frames = [...document.querySelectorAll(".frame")];
  let zoomed = "";

  const standsOut = (box) =>
    box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth;

  /* The largest size of text, in half pixels, at which nothing stands out. */
  function largest(body, smallest, most) {
    const boxes = [body, ...body.querySelectorAll("pre, .output")];
    let low = 2 * smallest, high = 2 * most;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      body.style.fontSize = middle / 2 + "px";
      if (boxes.some(standsOut)) high = middle - 1;
      else low = middle;
    }
    body.style.fontSize = low / 2 + "px";
    return !boxes.some(standsOut);
  }

  /* Lines stay whole while that is easy to read, words while that is readable. */
  function fit(frame) {
    if (frame.dataset.fitted === zoomed || !frame.clientHeight) return;
    const body = frame.querySelector(".body");
    const most = zoomed ? ALONE : LARGEST;
    const ways = [["lines", EASY, most], ["words", READABLE, most], ["", SMALLEST, BROKEN]];
    for (const [whole, smallest, largestSize] of ways) {
      body.dataset.whole = whole;
      if (largest(body, smallest, largestSize)) break;
    }
    frame.dataset.fitted = zoomed;
  }

  function zoom(lane) {
    zoomed = zoomed === lane ? "" : lane;
    if (zoomed) root.dataset.lane = zoomed;
    else delete root.dataset.lane;
    fitShown();
  }

  function fitShown() {
    const shown = document.querySelectorAll(".slide:not([hidden]) .frame");
    shown.forEach(fit);
  }

  function changeTheme() {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  }

  /* The heading of a column is a button that does what its key does. */
  function addButtons() {
    for (const lane of LANES)
      for (const heading of document.querySelectorAll(`.lane-${lane} > h3`)) {
        const button = document.createElement("button");
        button.append(...heading.childNodes);
        button.type = "button";
        button.title = `Key ${LANES.indexOf(lane) + 1}: show this lane large, or all again`;
        button.addEventListener("click", () => zoom(lane));
        heading.append(button);
      }
  }

  root.classList.add("js");
  document.fonts.ready.then(() => {
    addButtons();
    frames.forEach(fit);
    document.getElementById("reveal").media = "all";
    root.classList.add("shown");
    const keyboard = { 48: () => zoomed && zoom(zoomed), 84: changeTheme };
    LANES.forEach((lane, index) => (keyboard[49 + index] = () => zoom(lane)));
    const deck = new Reveal({
      width: 1280,
      height: 720,
      margin: 0,
      maxScale: 6,
      center: false,
      display: "block",
      hash: true,
      slideNumber: "c/t",
      transition: "none",
      pdfSeparateFragments: false,
      pdfMaxPagesPerSlide: 1,
      plugins: [RevealNotes],
      keyboard,
    });
    deck.on("slidechanged", fitShown);
    deck.registerKeyboardShortcut("1, 2, 3", "Show one lane large");
    deck.registerKeyboardShortcut("0", "Show all lanes");
    deck.registerKeyboardShortcut("T", "Change light and dark");
    deck.initialize().then(() => root.classList.add("ready"));
  });
})();
