"""Notes as HTML: what people write is shown, what could act is not."""

import pytest

from searchapp.markdown import LONGEST_NOTES, render


def test_the_usual_marks_become_elements() -> None:
    html = render("# Head\n\n**bold** and `code`\n\n- one\n- two\n\n|a|b|\n|-|-|\n|1|2|")
    assert "<h3>Head</h3>" in html  # under the page's own headings
    assert "<strong>bold</strong>" in html
    assert "<code>code</code>" in html
    assert html.count("<li>") == 2
    assert "<td>2</td>" in html


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("<img src=x onerror=alert(1)>", "<img"),
        ("![x](https://elsewhere.test/x.png)", "<img"),
        ("[x](javascript:alert(1))", "<a"),
        ("[x](data:text/html,hi)", "<a"),
        ('<a href="https://a.test" onclick="alert(1)">x</a>', "<a "),
        ('[x](https://a.test "\\" onclick=\\"alert(1)")', 'onclick="'),
        ("<style>body{display:none}</style>", "<style"),
    ],
)
def test_nothing_that_acts_gets_through(text: str, never: str) -> None:
    assert never not in render(text)


def test_links_do_not_tell_where_the_reader_came_from() -> None:
    assert render("[x](https://a.test)") == (
        '<p><a href="https://a.test" rel="nofollow noopener noreferrer">x</a></p>\n'
    )


def test_very_long_notes_are_cut() -> None:
    assert len(render("a" * 3 * LONGEST_NOTES)) < LONGEST_NOTES + 100
