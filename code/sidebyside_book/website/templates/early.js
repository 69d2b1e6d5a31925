// Before the first paint: the theme, the columns and the lane that the reader chose.
(() => {
  const root = document.documentElement;
  for (const storage of ["localStorage", "sessionStorage"]) {
    try {
      window[storage].getItem("mode");
    } catch (refused) {
      // The theme's scripts ask for storage without care; give them one that forgets.
      const kept = new Map();
      Object.defineProperty(window, storage, { value: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => kept.set(key, String(value)),
        removeItem: (key) => kept.delete(key),
      } });
    }
  }
  root.dataset.mode = localStorage.getItem("mode") || "{{ default_mode }}";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = root.dataset.mode === "auto" ? (dark ? "dark" : "light") : root.dataset.mode;
  root.classList.toggle("columns", localStorage.getItem("sidebyside-columns") === "on");

  const asked = new URLSearchParams(location.search).get("lane");
  const lane = asked || localStorage.getItem("sphinx-design-tab-id-lane");
  if (!["pytorch", "tensorflow", "keras"].includes(lane)) return;
  // Choose the tab while the page is still being read, so that nothing jumps later.
  const choose = () => {
    for (const label of document.querySelectorAll(`.lanes > label.lane-${lane}`)) {
      if (label.control && !label.dataset.chosen) label.control.checked = true;
      label.dataset.chosen = "yes";
    }
  };
  const reading = new MutationObserver(choose);
  reading.observe(root, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => reading.disconnect());
})();
