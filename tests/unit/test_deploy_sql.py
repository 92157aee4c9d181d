"""Rows as people read them, and what Athena would have charged."""

import pytest

from deploy.sql import MEGABYTE, TERABYTE, athena_dollars
from deploy.table_text import render, vertical


def test_a_terabyte_costs_five_dollars() -> None:
    assert athena_dollars(TERABYTE) == pytest.approx(5.0)


def test_a_small_query_costs_as_much_as_ten_megabytes() -> None:
    assert athena_dollars(0) == athena_dollars(10 * MEGABYTE) == pytest.approx(5.0 * 10 / 1024**2)


def test_a_query_is_rounded_up_to_a_megabyte() -> None:
    assert athena_dollars(20 * MEGABYTE + 1) == athena_dollars(21 * MEGABYTE)


def test_numbers_stand_right_and_words_left() -> None:
    assert render(["link", "n"], [["a", 5], ["bcdef", 1234]], 80).splitlines() == [
        "link       n",
        "─────   ────",
        "a          5",
        "bcdef   1234",
    ]


def test_a_row_too_wide_is_written_value_by_value() -> None:
    assert render(["a", "longer"], [["x" * 50, None]], 40) == f"a        {'x' * 50}\nlonger   NULL"


def test_no_rows_still_show_the_columns() -> None:
    assert render(["a", "b"], [], 80).splitlines()[0] == "a   b"


def test_one_row_vertically() -> None:
    assert vertical(["a", "bb"], [1, "x"]) == "a    1\nbb   x"
