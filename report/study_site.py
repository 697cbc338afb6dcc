"""What the site adds to Sphinx: terms explained where they stand, equations as MathML, a search by titles, one page to print."""

import html
import json
import re

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml

SKIPPED = set("a abbr button code dfn em figcaption h1 h2 h3 h4 math pre script style summary th".split())  # noqa: SIM905
HELD = re.compile(r"(?<=S&amp;P) (?=\d)")
# The printed report has these chapters, the search these pages last: they are for people who build on the study.
CHAPTERS = (
    "index",
    "five_minutes",
    "01_valuation_growth",
    "02_selloff",
    "03_dotcom_comparison",
    "04_findings",
    "claims",
    "methods",
    "glossary",
)
LAST = ("00_data", "explosive", "eventstudy", "own_files")
FOLDED = re.compile(r'(?s)<details class="[^"]*\bhide\b.*?</details>')  # the code of cells
SAVES = r'(?:<p class="saves">.*?</p>)'
HEAD = re.compile(
    r'(?s)(?:<h\d[^>]*>|<p class="chart-title">|<figcaption>(?=<strong>Table)|<th scope="row">)(.*?)(?=</h\d>|</p>|</figcaption>|<small|</th>)'
)
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


def read_terms(text):
    """Return term -> (id of its entry, first sentence) from the glossary page: `### Term`, `Also:` line, text."""
    terms = {}
    for entry in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        head, _, rest = entry.partition("\n")
        also = re.search(r"^Also: (.+?)\.?$", rest, flags=re.MULTILINE)
        body = re.sub(r"^Also: .+$", "", rest, flags=re.MULTILINE).strip().split("\n\n")[0]
        plain = re.sub(r"[*_`]|\[|\]\([^)]*\)", "", " ".join(body.split()))
        sentence = re.split(r"(?<=[.;]) (?=[A-Z])", plain)[0]
        place = re.sub(r"[^a-z0-9]+", "-", head.lower()).strip("-")
        for name in [head.strip(), *(also[1].split(", ") if also else [])]:
            terms[name.strip()] = (place, sentence)
    return terms


def held(body):
    """Keep the S&P and its 500 on one line."""
    pieces = re.split(r"(<[^>]*>)", body)
    pieces[::2] = [HELD.sub("\u00a0", piece) for piece in pieces[::2]]
    return "".join(pieces)


def mark_terms(body, terms):
    """Turn the first mention of each term in running text into a link with its meaning as hover text."""
    if not terms:
        return body
    ordered = sorted(terms, key=len, reverse=True)
    # Short forms in capitals are matched as written, words also with a capital and in the plural.
    pattern = re.compile(r"(?<![\w-])(" + "|".join(_form(name) for name in ordered) + r")(?![\w-])")
    known = {name.lower(): name for name in ordered}
    seen, open_tags, parts = set(), [], []

    def explained(found):
        word = found[1]
        name = known.get(word.lower()) or known.get(word.lower().removesuffix("s"))
        if name is None or terms[name][0] in seen:
            return word
        place, sentence = terms[name]
        seen.add(place)
        return f'<a class="term" href="glossary.html#{place}" data-meaning="{html.escape(sentence)}">{word}</a>'

    for piece in re.split(r"(<[^>]*>)", body):
        tag = re.match(r"<(/?)([a-zA-Z][\w-]*)", piece)
        if tag:
            name = tag[2].lower()
            if tag[1]:
                while open_tags and open_tags.pop() != name:
                    pass
            elif name not in VOID and not piece.endswith("/>"):
                open_tags.append(name)
            parts.append(piece)
        elif piece.startswith("<") or SKIPPED & set(open_tags):
            parts.append(piece)
        else:
            parts.append(pattern.sub(explained, piece))
    return "".join(parts)


def _form(name):
    if name.isupper() or not name[:1].isalpha():
        return re.escape(name)
    return f"[{name[0].upper()}{name[0].lower()}]{re.escape(name[1:])}s?"


def passages(page, title, body):
    """Return [title, address, page, text] of each section, figure, table and claim of a page, which the search looks in."""
    for part in re.split(r'(?=<(?:section|figure|tr)\b[^>]*? id=")', re.sub(f"{FOLDED.pattern}|{SAVES}", "", body)):
        place = re.match(r'<\w+[^>]*? id="([^"]+)"', part)
        if place:
            head = HEAD.search(part)
            text = re.sub(r"<table.*?</table>", "", part.replace(head[0], "", 1) if head else part, flags=re.DOTALL)
            number = re.search(r"<strong>(Figure [\d.]*\d)\.</strong>", part)
            name = text_of(head[1]).partition(" Source: ")[0].removesuffix(" #") if head else ""
            yield [f"{number[1]}: {name}" if number else name, f"{page}.html#{place[1]}", title, text_of(text)]


def text_of(markup):
    """Return the words of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def printed(pages):
    """Join pages to one: links lead within it, or nowhere; code, files to save and drawings for dark pages are left out."""
    parts = []
    for page in filter(pages.get, CHAPTERS):
        body = re.sub(r'<img class="only-dark.*?>', "", FOLDED.sub("", pages[page][1]), flags=re.DOTALL)
        body = re.sub(r' id="([^"]+)"', rf' id="{page}-\1"', body.replace(' loading="lazy"', ""))
        body = re.sub(r' href="([^"]*)"', lambda link, page=page: _within(link[1], page, pages), body)
        parts.append(f'<section class="chapter" id="{page}">{body}</section>')
    contents = "".join(f'<li><a href="#{page}">{pages[page][0]}</a></li>' for page in filter(pages.get, CHAPTERS[1:]))
    parts.insert(1, f'<h2>In this report</h2><ul class="contents">{contents}</ul>')
    return "\n".join(parts)


def _within(address, page, pages):
    if re.match(r"https?:", address):
        return f' href="{address}"'
    file, _, place = address.partition("#")
    target = file.removesuffix(".html") or page
    return f' href="#{target}{place and f"-{place}"}"' if target in CHAPTERS and target in pages else ""


def _begin(app):
    app.builder.search = False  # its index knows words of pages, not titles of sections and figures
    app.study_pages = {}


def _explain(app, pagename, templatename, context, doctree):
    context["html_baseurl_given"] = app.config.html_baseurl
    context["script_files"] = [file for file in context["script_files"] if "sphinx_highlight" not in str(file)]
    if "body" not in context or pagename in ("search", "printed"):
        return
    context["body"] = held(context["body"])
    app.study_pages[pagename] = (text_of(context["title"]), context["body"])
    if pagename == "glossary":
        return
    if not hasattr(app, "study_terms"):
        path = app.srcdir / "glossary.md"
        app.study_terms = read_terms(path.read_text(encoding="utf-8")) if path.is_file() else {}
    context["body"] = mark_terms(context["body"], app.study_terms)


def _made_of_all(app):
    """Write what the search looks in, and give the pages that are made of all others."""
    found = [
        one
        for name in sorted(app.study_pages, key=lambda name: (name in LAST, name))
        for one in passages(name, *app.study_pages[name])
    ]
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    (app.outdir / "_static" / "passages.js").write_text(f"const PASSAGES = {text};\n", encoding="utf-8")
    yield "search", {"title": "Search"}, "search.html"
    if len(app.study_pages.keys() & set(CHAPTERS)) > 1:  # a comparison of runs is one page
        yield "printed", {"title": app.config.html_title, "body": printed(app.study_pages)}, "printed.html"


def _inline_equation(self, node):
    self.body.append(tex2mathml(node.astext()))
    raise SkipNode


def _block_equation(self, node):
    self.body.append(
        f'<div class="scroll equation" data-label="equation">{tex2mathml(node.astext(), as_block=True)}</div>'
    )
    raise SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (_inline_equation, None), (_block_equation, None))
    app.connect("builder-inited", _begin)
    app.connect("html-page-context", _explain)
    app.connect("html-collect-pages", _made_of_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
