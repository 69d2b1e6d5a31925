/* The weights of the page "I'm choosing". Without this script the page shows equal weights.
   The formulas are those of sidebyside_book.website.pages.choosing.weighing, which a test compares. */
"use strict";

(function () {
  const box = document.querySelector(".sidebyside-choosing:has(> form.weights)");
  if (!box) return;
  if (!box.querySelector("input")) return; // nothing was measured
  const data = JSON.parse(box.querySelector("script.numbers").textContent);
  const form = box.querySelector("form.weights");
  const headline = box.querySelector(".headline");
  const told = box.querySelector(".told");
  const lanes = Object.keys(data.lanes);
  const questions = Object.keys(data.scores);
  const two = (number) => number.toFixed(2);

  function list(parts) {
    if (parts.length < 2) return parts.join("");
    return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
  }

  function totals(weights, scores) {
    const weight = questions.reduce((sum, name) => sum + weights[name], 0);
    if (!weight) return null;
    const total = (lane) => questions.reduce((sum, name) => sum + weights[name] * scores[name][lane], 0);
    return Object.fromEntries(lanes.map((lane) => [lane, total(lane) / weight]));
  }

  function leaders(found) {
    const best = Math.max(...Object.values(found));
    return lanes.filter((lane) => best - found[lane] < data.threshold);
  }

  function who(first) {
    const names = list(first.map((lane) => data.lanes[lane]));
    return first.length === 1 ? `${names} leads` : `${names} are level`;
  }

  function result(found) {
    const first = leaders(found);
    const said = (lane) => `${data.lanes[lane]} ${two(found[lane])}`;
    const ahead = list(first.map(said));
    const behind = list(lanes.filter((lane) => !first.includes(lane)).map(said));
    if (first.length === 1) return `${who(first)}: ${ahead}, ${behind}.`;
    return behind ? `${who(first)}: ${ahead}; ${behind}.` : `All are level: ${ahead}.`;
  }

  function reasons(weights) {
    const found = totals(weights, data.scores);
    const [first, second] = [...lanes].sort((a, b) => found[b] - found[a]);
    const weight = questions.reduce((sum, name) => sum + weights[name], 0);
    const gains = questions.map((name) => {
      const score = data.scores[name];
      return [data.questions[name], (weights[name] * (score[first] - score[second])) / weight];
    }).sort((a, b) => b[1] - a[1]);
    const plus = gains.filter(([, gain]) => gain > data.shown).map(([q, gain]) => `${q} (+${two(gain)})`);
    const minus = gains.filter(([, gain]) => gain < -data.shown).map(([q, gain]) => `${q} (−${two(-gain)})`);
    const [one, other] = [data.lanes[first], data.lanes[second]];
    return `Between ${one} and ${other}, ${one} gains by ${list(plus) || "nothing"}` +
      (minus.length ? `, and loses by ${list(minus)}.` : ".");
  }

  /** The nearest weight of a question that changes who leads: [step, weight, who then]. */
  function change(name, weights) {
    const now = leaders(totals(weights, data.scores)).join();
    const choices = [...Array(data.most + 1).keys()]
      .sort((a, b) => Math.abs(a - weights[name]) - Math.abs(b - weights[name]) || a - b);
    for (const weight of choices) {
      const found = totals({ ...weights, [name]: weight }, data.scores);
      if (found && leaders(found).join() !== now) {
        return [Math.abs(weight - weights[name]), weight, leaders(found)];
      }
    }
    return null;
  }

  function firmness(weights) {
    const found = questions.map((name) => [name, change(name, weights)]);
    const changes = found.filter(([, one]) => one).sort((a, b) => a[1][0] - b[1][0]);
    const firm = questions.length - changes.length;
    const said = changes.map(([name, [, weight, then]]) =>
      `${data.questions[name]}: with ${weight} instead of ${weights[name]}, ${who(then)}.`);
    const of = changes.length ? `${firm} of the ${questions.length} questions` : "any question";
    const now = who(leaders(totals(weights, data.scores)));
    if (firm) said.push(`Whatever weight you give to ${of}, one at a time: ${now}.`);
    return said;
  }

  const current = () =>
    Object.fromEntries(questions.map((name) => [name, Number(form.elements[name].value)]));
  const written = (weights) => questions.map((name) => `${name}${weights[name]}`).join(".");

  function choose(text) {
    for (const [, name, weight] of (text || "").matchAll(/([a-z]+)(\d)/g)) {
      if (questions.includes(name)) form.elements[name].value = Math.min(weight, data.most);
    }
  }

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  function tell(weights) {
    const found = totals(weights, data.scores);
    if (!found) {
      headline.textContent = "Nothing has weight. Move a slider.";
      told.replaceChildren();
      return;
    }
    const places = `By places alone: ${result(totals(weights, data.ranks))}`;
    const firm = document.createElement("ul");
    firm.className = "firm";
    firm.append(...firmness(weights).map((text) => element("li", text)));
    headline.textContent = result(found);
    told.replaceChildren(element("p", reasons(weights)), element("p", places), firm);
  }

  function draw(weights) {
    const found = totals(weights, data.scores);
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
    draw(weights);
    clearTimeout(waiting); // a screen reader hears the end of a movement, not each step
    waiting = setTimeout(() => tell(weights), 300);
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
  draw(current());
  if (asked) tell(current());
})();
