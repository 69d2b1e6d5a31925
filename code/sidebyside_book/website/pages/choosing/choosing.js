/* The weights of the page "I'm choosing". Without this script the page shows equal weights.
   The scores come with the page; here they are weighed anew when a slider moves. */
"use strict";

(function () {
  const box = document.querySelector(".sidebyside-choosing:has(> form.weights)");
  if (!box) return;
  if (!box.querySelector("input")) return; // nothing was measured
  const data = JSON.parse(box.querySelector("script.numbers").textContent);
  const form = box.querySelector("form.weights");
  const headline = box.querySelector(".headline");
  const lanes = Object.keys(data.lanes);
  const questions = Object.keys(data.scores);
  const two = (number) => number.toFixed(2);

  /** The weighted mean of each lane's scores; null if nothing has weight. */
  function totals(weights) {
    const weight = questions.reduce((sum, name) => sum + weights[name], 0);
    if (!weight) return null;
    const total = (lane) => questions.reduce((sum, name) => sum + weights[name] * data.scores[name][lane], 0);
    return Object.fromEntries(lanes.map((lane) => [lane, total(lane) / weight]));
  }

  const current = () =>
    Object.fromEntries(questions.map((name) => [name, Number(form.elements[name].value)]));
  const written = (weights) => questions.map((name) => `${name}${weights[name]}`).join(".");

  function choose(text) {
    for (const [, name, weight] of (text || "").matchAll(/([a-z]+)(\d)/g)) {
      if (questions.includes(name)) form.elements[name].value = weight; // the slider has an end
    }
  }

  function tell(found) {
    headline.textContent = found
      ? lanes.map((lane) => `${data.lanes[lane]} ${two(found[lane])}`).join(", ")
      : "Nothing has weight. Move a slider.";
  }

  function draw(weights, found) {
    for (const lane of lanes) {
      const bar = box.querySelector(`.bars .lane-${lane}`);
      const number = found ? two(found[lane]) : "–";
      bar.querySelector(".fill").style.setProperty("--share", found ? found[lane] : 0);
      bar.querySelector(".number").textContent = number;
      box.querySelector(`.total[data-lane="${lane}"]`).textContent = number;
    }
    for (const name of questions) {
      form.elements[name].nextElementSibling.textContent = weights[name];
      box.querySelector(`tr[data-question="${name}"] .own`).textContent = weights[name];
    }
    const equal = Object.values(weights).every((weight) => weight === data.equal);
    box.querySelector(".whose b").textContent = equal ? "With equal weights" : "With your weights";
    form.querySelector(".share a").href = `?w=${written(weights)}`;
    for (const button of form.querySelectorAll("button[data-weights]")) {
      button.setAttribute("aria-pressed", String(button.dataset.weights === written(weights)));
    }
  }

  let waiting = 0;
  function update() {
    const weights = current();
    const found = totals(weights);
    draw(weights, found);
    clearTimeout(waiting); // a screen reader hears the end of a movement, not each step
    waiting = setTimeout(() => tell(found), 300);
  }

  form.addEventListener("input", update);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-weights]");
    if (!button) return;
    choose(button.dataset.weights);
    update();
  });
  const asked = new URLSearchParams(location.search).get("w");
  choose(asked);
  update();
})();
