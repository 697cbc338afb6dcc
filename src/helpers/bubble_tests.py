"""A door to `explosive`: ``from helpers.bubble_tests import radf`` keeps working."""

from explosive.critical import *  # noqa: F403
from explosive.radf import *  # noqa: F403
