"""Tests of one running product go to one process."""

import pytest

from tests.spreading import product_of


@pytest.mark.parametrize(
    ("nodeid", "product"),
    [
        ("tests/browser/test_chat.py::test_a[fr]", "tests/browser/"),
        ("tests/faults/test_kills.py::test_a[0-sqlite-x.y]", "tests/faults/[sqlite]"),
        ("tests/faults/test_k.py::test_a[postgresql]", "tests/faults/[postgresql]"),
        ("tests/faults/test_partners.py::test_a[0]", "tests/faults/test_partners.py"),
        ("tests/unit/desk/test_a.py::test_a[sqlite]", "tests/unit/desk/test_a.py"),
    ],
)
def test_who_stays_together(nodeid: str, product: str) -> None:
    assert product_of(nodeid) == product
