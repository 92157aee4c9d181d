"""A request to erase in; of any piece of a table a mask of the rows that it means out."""

import re
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from eyeshot.table import Slot

PAGE_VIEW_ID = re.compile("[A-Za-z0-9_-]{22}")
SITE_KEY_MAX = 64


class BadRequest(Exception):
    """It cannot be said which rows are meant; the text names the option."""


class PageView(NamedTuple):
    """Every event of one page view, and every rejected record whose bytes hold its id anywhere."""

    id: str

    def concerns(self, _: Slot) -> bool:
        """Any day: nobody keeps where a page view's events are."""
        return True

    def of(self, name: str, rows: Any) -> Any:
        """The mask."""
        if name == "rejected":
            return pc.fill_null(pc.match_substring(rows["value"], self.id), False)
        return _equal(rows["page_view_id"], self.id)


class Site(NamedTuple):
    """Every event of a site on the days before one, and every rejected record whose bytes name the site as theirs."""

    key: str
    before: date

    def concerns(self, slot: Slot) -> bool:
        """The days before."""
        return slot.day < self.before

    def of(self, name: str, rows: Any) -> Any:
        """The mask."""
        if name == "rejected":
            names = rf'"(s|site)"\s*:\s*"{re.escape(self.key)}"'
            return pc.fill_null(pc.match_substring_regex(rows["value"], names), False)
        return _equal(rows["site"], self.key)


Request = PageView | Site


def request(page_view: str | None, site: str | None, before: str | None) -> Request:
    """What the options ask for. Raises BadRequest: an id that is too short would be found in strangers' bytes."""
    if page_view is not None and site is None and before is None:
        if not PAGE_VIEW_ID.fullmatch(page_view):
            raise BadRequest(f"--page-view is `{page_view}`, but must be 22 characters of A-Z a-z 0-9 _ -")
        return PageView(page_view)
    if page_view is None and site is not None and before is not None:
        if not 1 <= len(site) <= SITE_KEY_MAX:
            raise BadRequest(f"--site has {len(site)} characters, but must have 1 to {SITE_KEY_MAX}")
        try:
            return Site(site, date.fromisoformat(before))
        except ValueError:
            raise BadRequest(f"--before is `{before}`, but must be a day as 2026-11-25") from None
    raise BadRequest("say either --page-view ID, or --site KEY and --before DATE")


def _equal(column: Any, value: str) -> Any:
    return pc.fill_null(pc.equal(column.cast(pa.string()), value), False)
