"""A door to `explosive`: ``from helpers.bubble_tests import radf`` keeps working."""

from explosive import *  # noqa: F403
