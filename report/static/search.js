// The search page: sections, figures and tables that hold all words asked for; those with the words in their title come first.
"use strict";

const asked = (new URLSearchParams(location.search).get("q") || "").trim();
const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
const MOST = 50;
const AROUND = 90; // letters shown before and after the first word found

function rank([title, , , text]) {
  const [head, body] = [title.toLowerCase(), text.toLowerCase()];
  if (!words.every((word) => head.includes(word) || body.includes(word))) return 0;
  const inTitle = words.filter((word) => head.includes(word)).length;
  return 1 + inTitle + (head.includes(words.join(" ")) ? 10 : 0) + (inTitle === words.length ? 20 : 0);
}

function excerpt(text) {
  const place = Math.max(0, Math.min(...words.map((word) => text.toLowerCase().indexOf(word)).filter((at) => at >= 0), text.length) - AROUND);
  const from = place < AROUND || place + AROUND >= text.length ? 0 : text.indexOf(" ", place) + 1;
  return `${from ? "… " : ""}${text.slice(from, from + 2 * AROUND)}${from + 2 * AROUND < text.length ? " …" : ""}`;
}

const found = words.length ? PASSAGES.map((one) => [rank(one), one]).filter(([score]) => score).sort((a, b) => b[0] - a[0]) : [];
const list = document.querySelector(".found");
found.slice(0, MOST).forEach(([, [title, address, page, text]]) => {
  const item = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: address, textContent: title || page });
  const where = Object.assign(document.createElement("small"), { textContent: title === page ? "" : page });
  item.append(link, " ", where, Object.assign(document.createElement("p"), { textContent: excerpt(text) }));
  list.append(item);
});
document.querySelectorAll("form.bd-search input").forEach((field) => { field.value = asked; });
document.querySelector(".shown").textContent = !words.length ? "" : found.length > MOST ? `The first ${MOST} of ${found.length} places` : `${found.length} ${found.length === 1 ? "place" : "places"}`;
