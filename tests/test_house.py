"""The house style: pictures whose texts can all be read, in light and in dark."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers import house


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def bars(labels, values, title="Nvidia fell most"):
    fig, ax = house.page(title, "per cent", rows=len(labels))
    ax.barh(labels, values)
    house.sideways(ax)
    return fig, ax


def test_a_plain_chart_has_no_text_problem():
    fig, _ = bars(["Nvidia", "Apple", "Broadcom"], [-17.0, 3.2, -17.4])
    assert house.text_problems(fig) == []


def test_texts_that_lie_on_one_another_are_named():
    fig, ax = bars(["Nvidia", "Apple"], [-17.0, 3.2])
    ax.text(0, 0.5, "one label")
    ax.text(0, 0.5, "another label")
    assert "'one label' touches 'another label'" in house.text_problems(fig)


def test_a_text_that_leaves_the_page_is_named():
    fig, _ = bars(["Nvidia", "Apple"], [-17.0, 3.2])
    fig.text(0.98, 0.5, "a label far too long for the margin")
    assert any("is cut off" in problem for problem in house.text_problems(fig))


def test_a_long_message_is_broken_into_lines_and_the_unit_stands_below():
    fig, _ = bars(
        ["Nvidia", "Apple"],
        [-17.0, 3.2],
        "Three of the five groups broke away from the market and never came back " * 2,
    )
    assert fig.get_suptitle().count("\n") >= 1
    assert house.text_problems(fig) == []


def test_line_ends_that_would_touch_are_pushed_apart():
    fig, ax = house.page("Four ended alike", "per cent")
    for place, name in enumerate(["Nvidia", "Cisco", "Intel", "Oracle"]):
        ax.plot([0, 1, 2], [0, 5, 10 + 0.01 * place], label=name)
    house.name_ends(ax)
    assert house.text_problems(fig) == []


def test_a_treemap_gives_each_company_the_area_of_its_weight():
    fig, ax = house.page("Map", "area: weight", height=6)
    sizes = pd.Series({"NVDA": 6.0, "AAPL": 3.0, "XOM": 1.0})
    moves = pd.Series({"NVDA": -17.0, "AAPL": 3.2, "XOM": -0.1})
    house.treemap(
        ax, sizes, moves, pd.Series({"NVDA": "Tech", "AAPL": "Tech", "XOM": "Energy"}), [-10, -3, -0.5, 0.5, 3, 10]
    )
    areas = {patch.get_facecolor(): patch.get_width() * patch.get_height() for patch in ax.patches[:3]}
    assert len(areas) == 3  # a fall of 17 %, a rise of 3 % and next to nothing have shades of their own
    large, middle, _ = sorted(areas.values(), reverse=True)
    assert large / middle == pytest.approx(2, rel=0.01)
    assert house.text_problems(fig) == []


def test_a_dark_page_swaps_every_colour_of_the_house_once():
    fig, ax = bars(["Nvidia"], [-17.0])
    ax.patches[0].set_color(house.TEAL)
    shown, (exports, on_a_slide) = house.picture(fig), house.exported(fig)
    light, dark = exports[".svg"].decode(), exports["-dark.svg"].decode()
    assert house.TEAL in light and house.DARK[house.TEAL] in dark
    assert house.INK in light and house.INK not in dark
    assert len(light) == len(dark)
    assert shown[:4] == exports[".slide.png"][:4] == b"\x89PNG"
    assert on_a_slide == []
    assert "Nvidia fell most" not in light  # pages and slides say the title themselves


def test_colours_of_companies_and_groups_have_a_twin_for_dark_pages():
    assert {*house.GROUP.values(), *house.COMPANY.values()} <= set(house.DARK)
