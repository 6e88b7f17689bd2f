"""Which item is which: the stages one by one, laws, and doubt where doubt is due."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from checktrail.identity import CERTAIN, Link, Reason, match, pair, rows
from checktrail.parse import parse


def links(old: str, new: str) -> dict[str, tuple[str, float, Reason]]:
    """For each new item's text the old one's, the confidence and the reason."""
    before, after = parse(old), parse(new)
    return {
        after.items[link.new].text: (before.items[link.old].text, link.confidence, link.reason)
        for link in match(before, after)
    }


def test_a_tick_is_the_same_item() -> None:
    assert links("- [ ] Tests pass\n- [ ] Notes", "- [ ] Tests pass\n- [x] Notes") == {
        "Tests pass": ("Tests pass", CERTAIN, Reason.UNCHANGED),
        "Notes": ("Notes", CERTAIN, Reason.UNCHANGED),
    }


def test_an_explicit_id_wins_over_everything() -> None:
    found = links("- [ ] Alpha {#a}\n- [ ] Beta {#b}", "- [ ] Beta {#a}\n- [ ] Alpha {#b}")
    assert found["Beta"] == ("Alpha", CERTAIN, Reason.ID)
    assert found["Alpha"] == ("Beta", CERTAIN, Reason.ID)


def test_an_id_that_stands_twice_says_nothing() -> None:
    found = links("- [ ] Alpha {#a}\n- [ ] Beta {#a}", "- [ ] Beta {#a}\n- [ ] Alpha {#a}")
    assert found["Beta"][0] == "Beta"
    assert found["Alpha"][0] == "Alpha"


def test_an_inserted_twin_does_not_take_the_place_of_the_first() -> None:
    before = parse("## A\n- [ ] Back up\n- [x] Migrate\n## B\n- [ ] Deploy\n- [ ] Verify")
    after = parse("## A\n- [ ] Back up\n- [x] Migrate\n## B\n- [ ] Migrate\n- [ ] Deploy\n- [ ] Verify")
    assert [(link.old, link.new) for link in match(before, after)] == [(0, 0), (1, 1), (2, 3), (3, 4)]


def test_equal_items_of_one_section_keep_their_order_and_states() -> None:
    old, new = parse("- [x] Same\n- [ ] Other\n- [ ] Same"), parse("- [ ] Same\n- [x] Same\n- [ ] Other")
    assert {(link.old, link.new) for link in match(old, new)} == {(2, 0), (0, 1), (1, 2)}


def test_equal_items_that_are_written_differently_are_told_by_that() -> None:
    old, new = (
        parse("- [x] Logs\n- [x] sign it\n- [x] Sign it\n- [ ] Z"),
        parse("- [x] Sign it\n- [x] sign it\n- [x] Logs\n- [ ] Z"),
    )
    assert {(link.old, link.new) for link in match(old, new)} == {(2, 0), (1, 1), (0, 2), (3, 3)}


def test_equal_items_of_a_shuffled_section_are_anybodys_guess() -> None:
    found = links(
        "- [x] Same\n- [ ] A\n- [ ] B\n- [x] Same\n- [ ] C", "- [ ] C\n- [ ] B\n- [x] Same\n- [x] Same\n- [ ] A"
    )
    assert found["Same"][1:] == (0.5, Reason.COUNTED)
    assert found["A"][1] == CERTAIN


def test_a_tick_does_not_go_on_to_words_that_have_nothing_in_common() -> None:
    old, new = "- [ ] A first\n- [x] Zebra quickly\n- [ ] C last", "- [ ] A first\n- [x] Deploy images\n- [ ] C last"
    assert set(links(old, new)) == {"A first", "C last"}
    assert "Ship images" in links(
        old.replace("[x]", "[ ]").replace("Zebra", "Ship"), new.replace("[x]", "[ ]").replace("Deploy", "Ship")
    )


def test_a_second_section_of_the_same_name_does_not_take_the_first_ones_items() -> None:
    here, there = "### Console\n- [ ] Logs\n- [{}] {}\n", "### Console\n- [ ] Alerts\n- [ ] Page\n- [ ] Probe\n"
    old = "## Ship\n" + here.format("x", "Probe") + "## Undo\n- [ ] Back\n" + there
    new = "## Ship\n" + here.format("x", "Prove it") + there + "## Undo\n- [ ] Back\n"
    bound = {link.new: (link.old, link.confidence) for link in match(parse(old), parse(new))}
    assert bound[4][0] == 5, "the open one moved along with its section"
    assert bound[4][1] < CERTAIN
    assert bound.get(1, (1,))[0] == 1, "the ticked one stayed, or is new"


def test_a_tick_does_not_go_on_to_a_few_of_its_many_words() -> None:
    long = "Try the images and known issues on every platform, see that the notes are whole and the support team knows"
    old, new = f"- [ ] A first\n- [x] {long}\n- [ ] C last", "- [ ] A first\n- [x] Tell the support team\n- [ ] C last"
    assert set(links(old, new)) == {"A first", "C last"}


def test_a_renamed_section_takes_its_items_along() -> None:
    found = links("## Tests\n- [ ] Unit\n- [ ] Load", "## Quality\n- [ ] Unit\n- [x] Load")
    assert {new: old for new, (old, _, _) in found.items()} == {"Unit": "Unit", "Load": "Load"}


def test_a_remark_beside_a_twin_elsewhere_stays_in_its_place() -> None:
    old = "## A\n- [ ] Check dashboards\n- [ ] Ship\n## B\n- [ ] Sleep"
    new = "## A\n- [ ] Check dashboards (see #12)\n- [ ] Ship\n## B\n- [ ] Sleep\n- [ ] Check dashboards"
    found = links(old, new)
    assert found["Check dashboards (see #12)"][0] == "Check dashboards"
    assert "Check dashboards" not in found


def test_a_rewording_is_linked_and_never_certain() -> None:
    found = links("- [ ] Back up the database\n- [ ] B", "- [x] Back up every database first\n- [ ] B")
    old, confidence, reason = found["Back up every database first"]
    assert (old, reason) == ("Back up the database", Reason.REWORDED)
    assert 0 < confidence < CERTAIN


def test_a_replaced_line_leaves_doubt_whichever_way_it_is_read() -> None:
    before = rows(parse("- [ ] A first\n- [x] Zebra quickly\n- [ ] C last"))
    after = rows(parse("- [ ] A first\n- [ ] Deploy images\n- [ ] C last"))
    found = pair(before, after)
    assert [(link.old, link.new) for link in found.links] == [(0, 0), (2, 2)]
    assert found.births[1] < CERTAIN


def test_a_new_line_where_nothing_is_gone_is_certainly_new() -> None:
    found = pair(rows(parse("- [ ] A\n- [ ] C")), rows(parse("- [ ] A\n- [ ] B\n- [ ] C")))
    assert found.births == {1: CERTAIN}


def test_what_is_known_is_kept() -> None:
    before, after = rows(parse("- [ ] A\n- [ ] B")), rows(parse("- [ ] A\n- [ ] B"))
    known = Link(0, 1, CERTAIN, Reason.KNOWN)
    assert known in pair(before, after, [known]).links


WORDS = st.sampled_from(["ship", "test", "notes", "images", "backup", "review"])
LINES = st.builds(
    lambda mark, words: f"- [{mark}] {' '.join(words)}", st.sampled_from(" x"), st.lists(WORDS, min_size=1, max_size=3)
)
TEXTS = st.lists(LINES | st.sampled_from(["## A", "## B", "### C"]), max_size=12).map("\n".join)


@given(TEXTS, TEXTS)
def test_links_are_one_to_one_in_range_and_with_a_confidence(old: str, new: str) -> None:
    before, after = parse(old), parse(new)
    found = match(before, after)
    assert len({link.old for link in found}) == len({link.new for link in found}) == len(found)
    assert all(0 <= link.old < len(before.items) and 0 <= link.new < len(after.items) for link in found)
    assert all(0 <= link.confidence <= CERTAIN for link in found)


@given(TEXTS)
def test_a_text_is_itself(text: str) -> None:
    found = match(parse(text), parse(text))
    assert [(link.old, link.new) for link in found] == [(index, index) for index in range(len(parse(text).items))]


@given(TEXTS, st.sampled_from("-*+"))
def test_a_formatter_changes_nothing(text: str, bullet: str) -> None:
    other = text.replace("- [", f"{bullet} [").replace("[x]", "[X]").replace("\n", "\n\n")
    found = match(parse(text), parse(other))
    assert [(link.old, link.new) for link in found] == [(index, index) for index in range(len(parse(text).items))]
