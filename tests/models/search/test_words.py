"""Words of a question in a text: misspelt or not, they are marked, and nothing else is markup."""

import random
import time

import pytest

from models.search.words import Asked, folded, marked, near, words_of


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Müller", "muller"),
        ("ØSTERGÅRD", "ostergard"),
        ("Łukasz", "lukasz"),
        ("Straße", "strasse"),
        ("张三", "张三"),
    ],
)
def test_letters_with_accents_are_letters(text: str, plain: str) -> None:
    assert folded(text) == plain


@pytest.mark.parametrize(
    ("one", "other", "most", "is_near"),
    [
        ("moyo", "moyo", 0, True),
        ("moyo", "mayo", 1, True),
        ("moyo", "moy", 1, True),
        ("moyo", "mmoyo", 1, True),
        ("moyo", "omyo", 1, True),
        ("moyo", "omoy", 1, False),
        ("moyo", "maya", 1, False),
        ("moyo", "maya", 2, True),
        ("moyo", "moyo", 2, True),
        ("tendai", "tedani", 2, True),
        ("a" * 100, "b" * 100, 2, False),
    ],
)
def test_a_word_is_near_another(one: str, other: str, most: int, is_near: bool) -> None:
    assert near(one, other, most) is is_near
    assert near(other, one, most) is is_near


def test_what_was_asked_for_is_marked_and_everything_else_escaped() -> None:
    text = "Tendai <script>alert('x')</script> & Moyo"
    assert marked(text, Asked(words_of("tendia moy"))) == [
        "<em>Tendai</em> &lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; <em>Moyo</em>"
    ]
    assert marked(text, Asked(words_of("tendia"), misspelt=False)) == []
    assert (
        marked(text, Asked(words_of("nobody"))) == marked(text, Asked([])) == marked(None, Asked(["a"])) == []
    )


def test_of_a_long_text_the_surroundings_are_shown_three_times_at_most() -> None:
    text = " ".join(["word"] * 50 + ["Moyo"] + ["word"] * 50) + " "
    pieces = marked(text * 10, Asked(["moyo"]))
    assert len(pieces) == 3
    assert all(piece.count("<em>Moyo</em>") == 1 and len(piece) < 150 for piece in pieces)


@pytest.mark.parametrize("letters", ["abcdefgh", "tendaimo"])
def test_a_page_of_long_texts_is_marked_soon(letters: str) -> None:
    dice = random.Random(3)
    words = [["".join(dice.sample(letters, 7)) for _ in range(700)] for _ in range(100)]
    begun = time.perf_counter()
    asked = Asked(["".join(dice.sample(letters, 7)) for _ in range(140)])
    for text in words:
        marked(" ".join(text), asked)
    assert time.perf_counter() - begun < 2


def test_what_was_written_so_is_marked_however_much_there_is() -> None:
    dice = random.Random(3)
    asked = Asked(["tendaim", "moyo"])
    for _ in range(200):
        marked(" ".join("".join(dice.sample("tendaim", 7)) for _ in range(600)), asked)
    assert marked("Tendaim Moyos Moxo", asked) == ["<em>Tendaim</em> <em>Moyos</em> Moxo"]
