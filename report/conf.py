"""Sphinx configuration of the site. `study.report` writes the pages and passes the facts of the run."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "The AI boom study"
author = "The AI boom study"
language = "en"
extensions = ["myst_nb", "study_site"]
root_doc = "index"
exclude_patterns = []

# The notebooks were executed by the run; the site never does.
nb_execution_mode = "off"
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
nb_ipywidgets_js = {}
myst_heading_anchors = 3
myst_links_external_new_tab = False
# A page that is not in the menu is reached from others, and a run of some notebooks only has not all pages of the menu.
suppress_warnings = ["myst.xref_missing", "mystnb.unknown_mime_type", "toc.not_included", "toc.not_readable"]
myst_enable_extensions = ["dollarmath"]
# Equations are MathML, which browsers draw by themselves: a script for formulas would be fetched from another machine.
html_math_renderer = "mathml"

html_theme = "pydata_sphinx_theme"
# Only a published site knows its address; a link to a picture on other people's pages has to be a whole one.
html_baseurl = os.environ.get("STUDY_SITE_URL", "").strip()
html_baseurl += "/" if html_baseurl and not html_baseurl.endswith("/") else ""
html_title = "The AI boom study"
html_static_path = ["static"]
templates_path = ["templates"]
html_css_files = ["study.css"]
html_js_files = [("study.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_use_index = False
html_domain_indices = False
html_permalinks = False
html_sidebars = {"**": []}
html_theme_options = {
    "logo": {"text": "The AI boom study"},
    "navbar_align": "left",
    "navbar_start": ["navbar-logo"],
    "navbar_center": ["navbar-nav"],
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 10,
    "article_header_start": ["run-line"],
    "article_footer_items": ["run-parameters"],
    "primary_sidebar_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["site-footer"],
    "footer_end": [],
    "show_prev_next": False,
    "show_toc_level": 2,
    "search_bar_text": "Search the study",
    "back_to_top_button": False,
}
