// The tour: eight states of the page, each with a thought and one thing to try. `#4` opens the fourth.

const TOUR = [
  { title: "A window slides over the text", look: "window",
    text: "Each word is the centre once. The words up to m places before and after it, on the same line, are its outside words. "
      + "A centre with one of its outside words is a pair: one small lesson.",
    attempt: "Set the window m to 1, then to 5, and count the pairs. Why do words at the end of a line have fewer?" },
  { title: "Every word has two vectors", look: "numbers",
    text: "Its v is used when the word is the centre, its u when it is an outside word. Both start at random, and they are all that is learned.",
    attempt: "Press a word in the text, then the same word in the table. Step a few times: which of its two vectors changes when?" },
  { title: "Scores become probabilities", look: "numbers",
    text: "The score of a word is x = u · v of the centre: large if both vectors point the same way. "
      + "Softmax turns all scores into probabilities ŷ, which are positive and sum to 1.",
    attempt: "Press a word in the table, then “longer”, a few times. What happens to its ŷ, and to all the others?" },
  { title: "The error is prediction minus truth", look: "numbers",
    text: "y is 1 for the word that stands there and 0 for all others, so the loss is J = −log ŷ of the true word. "
      + "Its slope for the scores is ŷ − y: what the page predicted, minus what it should have. All that follows is a product with it.",
    attempt: "Find the longest bar of ŷ − y. Which row of U will move most? Switch the table to “change”." },
  { title: "The centre goes towards the word it saw", look: "map-box", hold: true,
    text: "The gradient is the outside vector that was expected, Σ ŷ u, minus the one that was seen, u of the outside word. "
      + "The step goes against it: a pull towards the seen one, a push away from the others.",
    attempt: "Step until ŷ of the outside word is above ½. What is left of the arrows? When would they vanish?" },
  { title: "The outside vectors go along or against the centre", look: "numbers", hold: true,
    text: "∂J/∂u of a word is its error times v of the centre. Only the outside word has a negative error: it alone moves along v, "
      + "all others move against it, and the more they were expected, the farther.",
    attempt: "Look at v of the centre and at ŷ − y. Predict the signs of the change for three rows, then switch the table to “change”." },
  { title: "Negative sampling asks K + 1 questions", look: "both", loss: "negatives", hold: true,
    text: "Softmax must look at every word. Negative sampling asks “did this word stand here?” of the outside word (y = 1) "
      + "and of K drawn words (y = 0). The error is now σ(x) − y, and only these rows move.",
    attempt: "Set K to 1 and step. Then type one word twice into “Negatives”, under Settings: its row moves twice as far." },
  { title: "Words with like contexts come together", look: "map-box", dim: 5, lr: 0.2,
    text: "After a thousand pairs, words that stand in like windows have like vectors. No one told the page what a king is. "
      + "The map shows one plane of D dimensions; how often a word occurs, and chance, have their share in it.",
    attempt: "Run for twenty seconds, then pause. Which words lie together? Change the seed and run again: what stays?" },
];
let tourAt = 0;

/** Show a step of the tour: its words, and the page in its state. */
function showTour(index, byHand = true) {
  tourAt = Math.max(0, Math.min(TOUR.length - 1, index));
  const step = TOUR[tourAt];
  pause();
  const dim = step.dim ?? (byHand && TOUR.some(({ dim: other }) => other === choice.dim) ? 2 : choice.dim);
  choice.loss = step.loss ?? "softmax";
  choice.hold = step.hold ?? false;
  choice.lr = step.lr ?? choice.lr;
  shown.phase = "before";
  if (dim !== choice.dim) {
    choice.dim = dim;
    model.start = null;
    restart();
  }
  chooseAxes();
  setText($("tour-title"), `${tourAt + 1}. ${step.title}`);
  setText($("tour-text"), step.text);
  $("tour-try").replaceChildren(element("b", "Try: "), step.attempt);
  for (const [i, link] of [...$("steps").children].entries()) {
    if (i === tourAt) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
  for (const part of document.querySelectorAll(".looked-at")) part.classList.remove("looked-at");
  $(step.look).classList.add("looked-at");
  $("earlier").disabled = tourAt === 0;
  $("later").disabled = tourAt === TOUR.length - 1;
  if (byHand) history.replaceState(null, "", `#${tourAt + 1}`);
  draw();
}

function startTour() {
  $("steps").replaceChildren(...TOUR.map(({ title }, i) => {
    const button = element("button", String(i + 1), { type: "button", title, "aria-label": `Step ${i + 1}: ${title}` });
    button.addEventListener("click", () => showTour(i));
    return button;
  }));
  const move = (by) => { showTour(tourAt + by); $("tour-title").focus({ preventScroll: true }); };
  $("earlier").addEventListener("click", () => move(-1));
  $("later").addEventListener("click", () => move(1));
  const named = () => Number(location.hash.slice(1)) - 1;
  window.addEventListener("hashchange", () => { if (TOUR[named()]) showTour(named()); });
  showTour(TOUR[named()] ? named() : 0, false);
}
