// Small things that a page can do without: filter the claims, explain a term, scroll by keyboard, show all code.
"use strict";

function filterClaims() {
  const group = document.querySelector(".filter");
  if (!group) return;
  const rows = [...document.querySelectorAll("table.claims tbody tr")];
  const status = document.querySelector(".shown");
  const buttons = [...group.querySelectorAll("button")];
  const show = (verdict) => {
    rows.forEach((row) => { row.hidden = verdict !== "" && row.dataset.verdict !== verdict; });
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict)));
    const left = rows.filter((row) => !row.hidden).length;
    status.textContent = `${left} of ${rows.length} claims shown`;
    if (verdict) history.replaceState(null, "", `#${verdict}`);
  };
  buttons.forEach((button) => button.addEventListener("click", () => show(button.dataset.verdict)));
  group.hidden = false;
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  show(buttons.some((button) => button.dataset.verdict === location.hash.slice(1)) ? location.hash.slice(1) : "");
  if (target) target.scrollIntoView();
}

function explainTerms() {
  let box = null;
  const close = () => {
    if (!box) return;
    box.owner.removeAttribute("aria-describedby");
    box.remove();
    box = null;
  };
  const open = (term) => {
    close();
    box = Object.assign(document.createElement("div"), { id: "meaning", className: "meaning", owner: term });
    box.setAttribute("role", "tooltip");
    box.textContent = term.dataset.meaning;
    document.body.append(box);
    const place = term.getBoundingClientRect();
    const left = Math.min(place.left, document.documentElement.clientWidth - box.offsetWidth - 8);
    const above = place.bottom + box.offsetHeight + 8 > innerHeight;
    box.style.left = `${Math.max(8, left) + scrollX}px`;
    box.style.top = `${(above ? place.top - box.offsetHeight - 4 : place.bottom + 4) + scrollY}px`;
    term.setAttribute("aria-describedby", "meaning");
    box.addEventListener("pointerleave", close);
  };
  document.querySelectorAll("a.term").forEach((term) => {
    term.addEventListener("pointerenter", () => open(term));
    term.addEventListener("focus", () => open(term));
    term.addEventListener("blur", close);
    // The box may be pointed at itself, so that its text can be read at leisure.
    term.addEventListener("pointerleave", (event) => { if (event.relatedTarget !== box) close(); });
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
}

function reachScrollers() {
  const boxes = [...document.querySelectorAll(".scroll")];
  const look = () => boxes.forEach((box) => {
    const wide = box.scrollWidth > box.clientWidth + 1;
    for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", `${box.dataset.label}, scrolls sideways`]]) {
      if (wide) box.setAttribute(name, value);
      else box.removeAttribute(name);
    }
  });
  const watcher = new ResizeObserver(look);
  boxes.forEach((box) => watcher.observe(box));
  document.querySelectorAll("details").forEach((part) => part.addEventListener("toggle", look));
}

function showAllCode() {
  const parts = document.querySelectorAll(".cell details.hide");
  const line = document.querySelector(".run-line");
  if (!line || parts.length < 3) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "all-code", textContent: "Show all code" });
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") === "false";
    parts.forEach((part) => { part.open = open; });
    button.setAttribute("aria-pressed", String(open));
  });
  line.append(" · ", button);
}

function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") target.open = true;
}

filterClaims();
explainTerms();
reachScrollers();
showAllCode();
openTarget();
addEventListener("hashchange", openTarget);
