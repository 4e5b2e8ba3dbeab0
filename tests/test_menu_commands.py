"""`flask menus …`, as an operator runs it."""

import shutil
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

import menus
from ussd_app.service import Service

FOLDER = Path(menus.__file__).parent


def run(app: Flask, *words: object) -> Result:
    """One command and what it said."""
    return app.test_cli_runner().invoke(args=["menus", *map(str, words)])


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A copy of the menu files that a test may edit."""
    folder = tmp_path / "draft"
    folder.mkdir()
    shutil.copy(FOLDER / "tree.yaml", folder)
    for name in ("tree", "words"):
        shutil.copytree(FOLDER / name, folder / name)
    return folder


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Change one word of a file."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_check_says_that_all_is_well(app: Flask) -> None:
    said = run(app, "check")
    assert (said.exit_code, said.output.endswith("without an issue.\n")) == (0, True)


def test_check_says_every_issue_with_its_screen_and_fails(app: Flask, draft: Path) -> None:
    edit(draft, "tree/about.yaml", "to: about.who", "to: about.whom")
    edit(draft, "tree/help.yaml", "en: |\n      Help\n", f"en: {'h' * 160}\n")
    said = run(app, "check", "--from", draft)
    assert said.exit_code == 1
    assert "about.menu [edge] leads to about.whom, which is no node" in said.output
    assert "help.menu [long]" in said.output
    assert f"| {'h' * 30} |" in said.output


def test_check_names_a_curly_quote_and_both_segment_counts(app: Flask, draft: Path) -> None:
    edit(draft, "words/notices.yaml", "Never share it.", "Don\u2019t share it.")
    said = run(app, "check", "--from", draft)
    assert said.exit_code == 1
    assert (
        "\u2019 (U+2019 RIGHT SINGLE QUOTATION MARK) is not in GSM-7: 2 segments with it, 1 without"
        in said.output
    )


def test_check_says_words_edges_and_screens_at_once(app: Flask, draft: Path) -> None:
    edit(draft, "words/sms.yaml", "{short_code}", "{shorter_code}")
    edit(draft, "tree/about.yaml", "to: about.who", "to: about.whom")
    edit(draft, "tree/about.yaml", "en: What it is", f"en: {'x' * 150}")
    edit(draft, "tree/help.yaml", "kind: show", "kind: shows")
    said = run(app, "check", "--from", draft)
    assert said.exit_code == 1
    assert "no value is known for the blank shorter_code" in said.output
    assert "help.yaml help." in said.output
    assert "about.menu [edge] leads to about.whom, which is no node" in said.output
    assert "about.menu [long] a line is cut (en)" in said.output
    assert said.output.endswith("\n2 issues\n")


def test_publish_is_live_at_the_next_look_and_can_be_rolled_back(
    app: Flask, service: Service, draft: Path
) -> None:
    before = service.library.live()[0]
    edit(draft, "tree/about.yaml", "About CP2", "All of CP2")
    said = run(app, "publish", "--from", draft, "--by", "amina")
    assert said.exit_code == 0, said.output
    service.library.look()
    digest, tree = service.library.live()
    assert said.output == f"{digest[:12]} is live.\n"
    assert tree.nodes["about.menu"].en.strip() == "All of CP2"
    assert run(app, "publish", "--from", draft).output == f"{digest[:12]} was live already.\n"
    assert run(app, "rollback").output == f"{before[:12]} is live again.\n"
    service.library.look()
    assert service.library.live()[0] == before
    lines = run(app, "history").output.split("\n")
    assert [line[:12] for line in lines[:3]] == [before[:12], digest[:12], before[:12]]
    assert lines[1].endswith("staff:amina")


@pytest.mark.parametrize(
    ("written", "changed", "issue"),
    [
        ("to: about.who", "to: about.whom", "which is no node"),
        ("sw: Ni nini", "sw: ''", "about.menu [empty] option 1 says nothing (sw)"),
    ],
)
def test_publish_refuses_a_tree_with_an_issue(
    app: Flask, service: Service, draft: Path, written: str, changed: str, issue: str
) -> None:
    before = service.library.live()[0]
    edit(draft, "tree/about.yaml", written, changed)
    said = run(app, "publish", "--from", draft)
    assert (said.exit_code, issue in said.output) == (1, True)
    service.library.look()
    assert service.library.live()[0] == before


def test_unreadable_files_are_said_by_name(app: Flask, draft: Path) -> None:
    edit(draft, "tree/about.yaml", "kind: show", "kind: shout")
    said = run(app, "check", "--from", draft)
    assert said.exit_code == 1
    assert said.output.count("about.yaml about.w") == 2


def test_rolling_back_the_first_publication_is_refused(app: Flask) -> None:
    said = run(app, "rollback")
    assert (said.exit_code, said.output.startswith("Error: There is no earlier version.")) == (1, True)


def test_rolling_back_goes_further_back_each_time_and_to_any_version_by_its_name(
    app: Flask, service: Service, draft: Path
) -> None:
    versions = [service.library.live()[0]]
    for name in ("Second of CP2", "Third of CP2"):
        edit(draft, "tree/about.yaml", "About CP2" if len(versions) == 1 else "Second of CP2", name)
        versions.append(run(app, "publish", "--from", draft).output[:12])
    first, second, third = (digest[:12] for digest in versions)
    assert run(app, "rollback").output == f"{second} is live again.\n"
    assert run(app, "rollback").output == f"{first} is live again.\n"
    assert run(app, "rollback").exit_code == 1
    assert run(app, "rollback", third.upper()).output == f"{third} is live again.\n"
    assert run(app, "rollback").output == f"{first} is live again.\n"  # the second was taken back
    for odd in ("000000000000", third[:5], "%"):
        said = run(app, "rollback", odd)
        assert (said.exit_code, said.output) == (1, f"Error: There is no version {odd}.\n")
    lines = run(app, "history").output.split("\n")
    assert lines[0].startswith(first)


def test_draw_writes_the_page_and_the_picture(app: Flask, tmp_path: Path) -> None:
    said = run(app, "draw", "--to", tmp_path / "docs")
    assert said.exit_code == 0, said.output
    assert (tmp_path / "docs" / "menus.md").read_text(encoding="utf-8").startswith("# Every screen")
    assert (tmp_path / "docs" / "menus.svg").read_text(encoding="utf-8").startswith("<svg ")


def test_without_a_name_it_is_whoever_sits_at_the_terminal(
    app: Flask, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "achieng")
    edit(draft, "tree/about.yaml", "About CP2", "All of CP2")
    assert run(app, "publish", "--from", draft).exit_code == 0
    assert run(app, "rollback").exit_code == 0
    assert [line.split()[-1] for line in run(app, "history").output.splitlines()[:2]] == ["staff:achieng"] * 2
