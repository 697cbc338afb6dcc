"""What the site adds to Sphinx: terms explained where they stand, equations as MathML, how to cite."""

import html
import re

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml

SKIPPED = set("a abbr button code dfn em figcaption h1 h2 h3 h4 math pre script style summary th".split())  # noqa: SIM905
HELD = re.compile(r"(?<=S&amp;P) (?=\d)")
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


def _explain(app, pagename, templatename, context, doctree):
    context["html_baseurl_given"] = app.config.html_baseurl
    if pagename != "search":  # words that were searched for are not painted on every later page
        context["script_files"] = [file for file in context["script_files"] if "sphinx_highlight" not in str(file)]
    if "body" not in context:
        return
    context["body"] = held(context["body"])
    if pagename in ("glossary", "search"):
        return
    if not hasattr(app, "study_terms"):
        path = app.srcdir / "glossary.md"
        app.study_terms = read_terms(path.read_text(encoding="utf-8")) if path.is_file() else {}
    context["body"] = mark_terms(context["body"], app.study_terms)


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
    app.connect("html-page-context", _explain)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
