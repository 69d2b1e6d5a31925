// Columns and differences: what the two switches of a chapter do.
// Tabs need nothing from here: sphinx-design makes them from radio buttons.
(() => {
  const root = document.documentElement;
  const wide = matchMedia("(min-width: 1400px)");
  const LANES = ["pytorch", "tensorflow", "keras"];

  /** Connect a switch to a class of <html>, and remember its state. */
  function connect(id, name, changed) {
    const button = document.getElementById(id);
    if (!button) return;
    const show = () => {
      button.setAttribute("aria-pressed", String(root.classList.contains(name)));
      changed();
    };
    button.addEventListener("click", () => {
      const anchor = anchorInView();
      const on = root.classList.toggle(name);
      localStorage.setItem(`sidebyside-${name}`, on ? "on" : "off");
      show();
      anchor.restore();
    });
    wide.addEventListener("change", show);
    show();
  }

  /** Keep what the reader looks at in its place while the page changes around it. */
  function anchorInView() {
    const blocks = document.querySelectorAll(".bd-article :is(h1, h2, h3, p, .lanes)");
    const seen = [...blocks].find((block) => block.getBoundingClientRect().bottom > 80);
    const before = seen?.getBoundingClientRect().top;
    return {
      restore() {
        if (seen) scrollBy({ top: seen.getBoundingClientRect().top - before, behavior: "instant" });
      },
    };
  }

  const inColumns = () => wide.matches && root.classList.contains("columns");

  /** The tokens of a code cell: what Pygments put into spans, in order. */
  function tokens(set, lane) {
    const spans = set.querySelectorAll(`.sd-tab-content.lane-${lane} .cell_input pre span`);
    return [...spans].filter((span) => !span.children.length && span.textContent.trim());
  }

  /** A name without its lane: model_pt, model_tf and model_ks are one name. */
  const normal = (span) =>
    span.textContent.trim().replace(/_(pt|tf|ks)\b/g, "").replace(/^# (PyTorch|TensorFlow|Keras)$/, "# lane");

  /** Positions, in both lists, of a longest common subsequence. */
  function common(a, b) {
    const width = b.length + 1;
    const best = new Uint16Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) {
        best[i * width + j] = a[i] === b[j]
          ? best[(i + 1) * width + j + 1] + 1
          : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
      }
    }
    const pairs = [];
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      if (a[i] === b[j]) pairs.push([i++, j++]);
      else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) i++;
      else j++;
    }
    return pairs;
  }

  /** Mark what all three cells of a set share; once a set. */
  function markShared(set) {
    if (set.dataset.compared) return;
    set.dataset.compared = "yes";
    const [first, second, third] = LANES.map((lane) => tokens(set, lane));
    const two = common(first.map(normal), second.map(normal));
    const three = common(two.map(([i]) => normal(first[i])), third.map(normal));
    for (const [k, l] of three) {
      const [i, j] = two[k];
      for (const span of [first[i], second[j], third[l]]) span.classList.add("shared");
    }
  }

  function compareWhatIsSeen() {
    if (!inColumns() || !root.classList.contains("differences")) return;
    document.querySelectorAll(".lanes").forEach(markShared);
  }

  /** Say whether a part of a box is out of its sight, and can be scrolled to. */
  function isCutOff(box) {
    const down = ["auto", "scroll"].includes(getComputedStyle(box).overflowY);
    return box.scrollWidth > box.clientWidth || (down && box.scrollHeight > box.clientHeight);
  }

  /** What is cut off must be reachable by keyboard, also where it appears or narrows later:
      in another tab, in a solution, in columns. The theme looks when a page is loaded, and
      takes all that is hidden at that time out of reach. */
  function reachScrollers() {
    const scrollers = ".bd-article :is(pre, div.math, .sidebyside-table, .cell_output)";
    const sizes = new ResizeObserver((changed) => {
      for (const { target } of changed) if (isCutOff(target)) target.tabIndex = 0;
    });
    for (const box of document.querySelectorAll(scrollers)) sizes.observe(box);
  }

  /** In columns the sidebars make room; their own buttons bring them back. */
  function connectSidebars() {
    for (const [toggle, name] of [[".primary-toggle", "with-contents"], [".secondary-toggle", "with-page-contents"]]) {
      document.querySelector(toggle)?.addEventListener("click", (event) => {
        if (!inColumns()) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        root.classList.toggle(name);
      }, true);
    }
  }

  connectSidebars();
  connect("switch-columns", "columns", compareWhatIsSeen);
  connect("switch-differences", "differences", compareWhatIsSeen);
  reachScrollers();
})();
