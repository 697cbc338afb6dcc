// A deck on a screen that is wide enough and in the small frames of the speaker's view, one slide a sheet on paper, else a page to scroll; all without a server.
"use strict";

const root = document.documentElement;
if (/print-pdf/.test(location.search)) {
  root.classList.add("deck", "paper");
} else if (window.parent !== window || Math.min(innerWidth, innerHeight * 2) >= 640) {
  root.classList.add("deck");
  document.getElementById("deck").classList.add("reveal");
  document.getElementById("slides").classList.add("slides");
  Reveal.initialize({
    width: 1280, height: 720, margin: 0.02, center: false, hash: true, transition: "none", backgroundTransition: "none",
    slideNumber: "c/t", controlsTutorial: false, scrollActivationWidth: null, plugins: [RevealNotes],
  });
} else {
  // A chart that is wider than the screen scrolls, so the keyboard must reach it.
  document.querySelectorAll("figure").forEach((figure) => {
    figure.tabIndex = 0;
    figure.setAttribute("aria-label", "chart, scrolls sideways");
  });
}
