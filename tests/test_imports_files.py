"""Files as they arrive: what is refused whole, what they cost to read, and where the faults go."""

import io
import tracemalloc
import zipfile

import pytest

from operations.imports_files import harmless, look_through
from tests.fixtures_imports import TSC, Terminal

HEAD = "number,national_id,name,active\n"
AMINA = "512345,21234567,Amina Otieno,yes\n"


def workbook() -> bytes:
    """An empty zip, as every xlsx is one."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    return made.getvalue()


# Each file that cannot be read at all, and the words that say why.
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "empty": (b"", "The file is empty."),
    "only a mark": (b"\xef\xbb\xbf\r\n", "The file is empty."),
    "no rows": (HEAD, "a header and no rows"),
    "UTF-16": ((HEAD + AMINA).encode("utf-16"), "This file is UTF-16. Save it as CSV UTF-8"),
    "UTF-16 without a mark": ((HEAD + AMINA).encode("utf-16-le"), "not text, or it is UTF-16"),
    "xlsx": (workbook(), "This is a workbook (xlsx)"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "This is an old workbook (xls)"),
    "gzip": (b"\x1f\x8b\x08\x00aaaa", "This file is compressed"),
    "semicolons": ((HEAD + AMINA).replace(",", ";"), "parted by semicolons, not commas"),
    "tabs": ((HEAD + AMINA).replace(",", "\t"), "parted by tabs, not commas"),
    "Latin-1": ((HEAD + AMINA).encode() + b"512347,21234569,Ren\xe9,yes\n", "line 3: not UTF-8"),
    "column twice": ("number,national_id,name,active,Name\n" + AMINA, "Columns that stand twice: name."),
    "column missing": ("number,name\n512345,Amina\n", "Columns that are missing: national_id, active."),
    "column unnamed": ("number,,national_id,name,active\n5,,2,A,yes\n", "Column 2 has no name"),
    "open quote": (HEAD + AMINA + '512346,21234568,"Baraka,yes\n' + AMINA, "line 3: not proper CSV"),
    "10 MB row": (HEAD + AMINA + "5" * 10_000_000, "line 3: longer than any row can be"),
    "10 MB cell in lines": (HEAD + '1,2,"' + "5\n" * 200_000 + '",yes\n', "line 2: not proper CSV"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(terminal: Terminal, name: str) -> None:
    content, words = REFUSED[name]
    said = terminal.run("import", "registers", terminal.file("in.csv", content), "--register", "tsc")
    assert (said.exit_code, words in said.output) == (1, True), said.output
    assert terminal.sql("SELECT count(*) FROM register_entry") == [(0,)]
    assert terminal.sql("SELECT count(*) FROM import") == [(0,)]


def test_the_list_of_faults_overwrites_nothing_else(terminal: Terminal) -> None:
    path = terminal.table("tsc.csv", TSC, ("x", 21234567, "Amina", "yes", ""))
    words = ("import", "registers", path, "--register", "tsc", "--faults")
    precious = terminal.file("precious.csv", "name\nAmina\n")
    for other, why in ((path, "would overwrite the file itself"), (precious, "something else than faults")):
        before = other.read_bytes()
        said = terminal.run(*words, other)
        assert (said.exit_code, why in said.output) == (1, True), said.output
        assert other.read_bytes() == before
    said = terminal.run(*words, terminal.folder / "nowhere" / "faults.csv")
    assert "No such file or directory" in said.output and "it goes on where it stopped" in said.output
    assert "see " in terminal.run(*words, terminal.folder / "faults.csv").output


def test_a_file_is_read_in_little_memory_however_long_it_is(terminal: Terminal) -> None:
    """Ten times the rows take no more memory: neither the first look nor the reading keeps them."""
    peaks = []
    for count in (5_000, 50_000):
        rows = ((500_000 + n, 20_000_000 + n, "Amina Wanjiru Otieno", "yes", "junior") for n in range(count))
        path = terminal.table(f"{count}.csv", TSC, *rows)
        tracemalloc.start()
        assert sum(1 for _ in look_through(path).records()) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless() -> None:
    for cell in ("=1+1", "@SUM(A1)", "-2+3", "+cmd|x", "\tx"):
        assert harmless(cell) == f"'{cell}"
    for cell in ("+254712345678", "+254 712 345 678", "-12", "Amina", ""):
        assert harmless(cell) == cell
