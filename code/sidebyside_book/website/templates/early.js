// Before the first paint: storage that never throws, the theme, the columns, the lane.
(() => {
  const root = document.documentElement;

  /** Return the browser's storage, or null where it is refused. */
  function real(name) {
    try {
      return window[name];
    } catch (refused) {
      return null;
    }
  }

  /** A storage that forgets what the browser doesn't keep, because it is full or refused.
      The theme's scripts write without care. Our setItem returns whether it was kept. */
  function careful(storage) {
    const unkept = new Map();
    return {
      getItem(key) {
        if (unkept.has(key)) return unkept.get(key);
        try {
          return storage.getItem(key);
        } catch (refused) {
          return null;
        }
      },
      setItem(key, value) {
        try {
          storage.setItem(key, value);
          unkept.delete(key);
          return true;
        } catch (refused) {
          unkept.set(key, String(value));
          return false;
        }
      },
      removeItem(key) {
        unkept.delete(key);
        try {
          storage.removeItem(key);
        } catch (refused) {
          // There is nothing to remove.
        }
      },
    };
  }

  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { value: careful(real(name)), configurable: true });
  }

  root.dataset.mode = localStorage.getItem("mode") || "{{ default_mode }}";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = root.dataset.mode === "auto" ? (dark ? "dark" : "light") : root.dataset.mode;
  root.classList.toggle("columns", localStorage.getItem("sidebyside-columns") === "on");

  const LANES = ["pytorch", "tensorflow", "keras"];
  const KEY = "sphinx-design-tab-id-lane"; // under which sphinx-design keeps the tab, too

  /** Remember a lane. The address names one only as long as nothing else remembers it:
      a link's lane must not win over a later choice when the page is read again. */
  function remember(lane) {
    const address = new URL(location);
    if (lane && !localStorage.setItem(KEY, lane)) address.searchParams.set("lane", lane);
    else address.searchParams.delete("lane");
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  const asked = new URLSearchParams(location.search).get("lane");
  if (asked !== null) remember(LANES.find((lane) => lane === asked.toLowerCase()));
  document.addEventListener("change", ({ target }) => {
    if (target.matches(".lanes > input")) remember(target.nextElementSibling.dataset.syncId);
  });

  const lane = localStorage.getItem(KEY);
  if (!LANES.includes(lane)) return;
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
