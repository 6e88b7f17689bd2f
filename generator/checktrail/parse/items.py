"""Bullets to items and steps, with what their words say. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checktrail.model import Item, Phase, State, Step
from checktrail.parse.walk import fold
from checktrail.parse.wording import explicit_id, is_conditional, without_code, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checktrail.model import Section
    from checktrail.parse.walk import Bullet
    from checktrail.parse.wording import Wording


def own_items(bullets: Sequence[Bullet], sections: int) -> list[list[str]]:
    """The texts of each section's own items, as the phases want them."""
    texts: list[list[str]] = [[] for _ in range(sections)]
    for bullet in bullets:
        if bullet.marker is not None:
            texts[bullet.section].append(bullet.text)
    return texts


def items(bullets: Sequence[Bullet], sections: Sequence[Section]) -> tuple[Item, ...]:
    """The items among the bullets of a text, in document order."""
    optional = [_is_optional(index, sections) for index in range(len(sections))]
    found: list[Item] = []
    # Per bullet, for what hangs under it: the item it is or hangs under itself, how deep that is, whether conditional.
    under: list[tuple[int | None, int, bool]] = []
    for bullet in bullets:
        parent, depth, conditional = under[bullet.above] if bullet.above is not None else (None, 0, False)
        words = wording(bullet.text)
        if bullet.marker is None:
            under.append((parent, depth, conditional or words.is_alternative))
            continue
        conditional = conditional or words.conditional
        under.append((len(found), depth + 1, conditional))
        section = sections[bullet.section]
        found.append(_item(bullet, words, section, (parent, depth, conditional or optional[bullet.section])))
    return tuple(found)


def steps(bullets: Sequence[Bullet]) -> tuple[Step, ...]:
    """The numbered bullets without a box; commands under their own plain bullets are theirs."""
    commands = {index: bullet.commands for index, bullet in enumerate(bullets) if _is_step(bullet)}
    for index, bullet in enumerate(bullets):
        above = bullet.above
        if bullet.commands and index not in commands and bullet.marker is None:
            while above is not None and above not in commands and bullets[above].marker is None:
                above = bullets[above].above
            if above in commands:
                commands[above] += bullet.commands
    return tuple(
        Step(
            bullets[index].line,
            bullets[index].number or 0,
            fold(bullets[index].text),
            own,
            bullets[index].section,
        )
        for index, own in commands.items()
    )


def _is_step(bullet: Bullet) -> bool:
    return bullet.marker is None and bullet.number is not None


def _is_optional(section: int, sections: Sequence[Section]) -> bool:
    """Whether a heading above says that everything under it need not be done."""
    return any(is_conditional(without_code(heading)) for heading in sections[section].path)


def _item(bullet: Bullet, words: Wording, section: Section, place: tuple[int | None, int, bool]) -> Item:
    parent, depth, conditional = place
    comment_id = next((id_ for comment in bullet.comments if (id_ := explicit_id(comment))), None)
    return Item(
        line=bullet.line,
        end_line=bullet.end_line,
        column=bullet.column,
        state=_state(bullet.marker or " ", words),
        marker=bullet.marker or " ",
        text=words.text,
        section=bullet.section,
        depth=depth,
        parent=parent,
        conditional=conditional,
        signoff=words.signoff or section.phase is Phase.SIGNOFF,
        owners=words.owners or ((section.role,) if section.role else ()),
        id=words.id or comment_id,
        blanks=words.blanks,
        typed_names=words.typed_names,
        typed_dates=words.typed_dates,
        commands=bullet.commands,
    )


def _state(marker: str, words: Wording) -> State:
    if words.not_applicable or marker in "-~/":
        return State.NOT_APPLICABLE
    return State.TICKED if marker in "xX" else State.OPEN
