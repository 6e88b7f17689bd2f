"""A list to one document, `checktrail.portfolio/1`.

In: a list, and a way to read its places. Out: the document of all of them: what every place gave, under the names and
addresses that the list gives, and the places that gave nothing. The same list and places give the same bytes, in
whatever order the places were read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from checktrail.errors import InputError, shown
from checktrail.exports.portfolio import portfolio_document
from checktrail.exports.wire import text
from checktrail.portfolio.listing import Listing, Member, is_address, site_of
from checktrail.portfolio.reading import Failed, Read, Reading

Form: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[Sequence[str]], Iterable[tuple[int, Reading]]]


def gathered(listing: Listing, read: Reader, tell: Callable[[int], None] = lambda _: None) -> Form:
    """The document of a list; `tell` hears how many places have been read.

    Raises:
        InputError: not one of them could be.
    """
    places = [str(member.place.absolute()) for member in listing.members]
    readings: dict[int, Reading] = {}
    for index, reading in read(places):
        readings[index] = reading
        tell(len(readings))
    return _document(listing, [readings[index] for index in range(len(places))])


def _document(listing: Listing, readings: Sequence[Reading]) -> Form:
    found: list[Form] = []
    broken: list[Form] = []
    for member, reading in zip(listing.members, readings, strict=True):
        match reading:
            case Read(document=document):
                found += _named(member, document["repositories"])
                broken += document["broken"]
            case Failed(slug=slug, sentence=sentence):
                broken.append({"name": text(_name(member)), "slug": slug, "sentence": text(sentence)})
    if not found:
        first = f": {broken[0]['name']}: {broken[0]['sentence']}" if broken else ""
        raise InputError(f"none of the {len(readings)} places could be read{shown(first)}")
    return portfolio_document(
        _apart(found),
        _apart(broken),
        title=listing.title or None,
        url=listing.url or None,
        audience=listing.audience,
    )


def _named(member: Member, forms: Sequence[Form]) -> Iterable[Form]:
    """Repositories under the name and address that the list gives them, where it gives any."""
    for form in forms:
        name = member.name if member.name and len(forms) == 1 else form["name"]
        own = form["site"] if form["site"] is not None and is_address(form["site"], relative=False) else None
        yield {
            **form,
            "name": name,
            "site": site_of(member, name) or own,
            "addresses": member.addresses or form["addresses"],
        }


def _name(member: Member) -> str:
    """What to call a place that did not say: a document by its folder, where it is called as every one is."""
    place = Path(member.place.absolute())
    return member.name or (place.parent.name if place.suffix == ".json" and place.stem in _PLAIN else "") or place.name


_PLAIN = frozenset({"portfolio", "record"})


def _apart(forms: Sequence[Form]) -> list[Form]:
    """Forms of one name told apart by a number, in the order of the list."""
    taken: set[str] = set()
    told: list[Form] = []
    for form in forms:
        numbered = (f"{form['name']} ({number})" for number in count(2))
        name = form["name"] if form["name"] not in taken else next(each for each in numbered if each not in taken)
        taken.add(name)
        told.append({**form, "name": name})
    return told


def named_twice(document: Mapping[str, Any]) -> list[str]:
    """The names that several repositories have, which the list could tell apart."""
    names = [form["name"] for form in document["repositories"]]
    return [name for name in names if f"{name} (2)" in names]
