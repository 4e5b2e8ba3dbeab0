"""Reading in files: what is refused whole, what row by row, and what a repeat does."""

import csv
import stat
from collections.abc import Iterator
from itertools import pairwise

import pytest
from sqlalchemy import event, select, update

from models.records import Audit
from models.registers import Import
from operations import imports
from operations.imports_files import BadFile, FaultsFile, harmless, look_through
from operations.imports_registers import Register
from operations.office import Actor
from tests.fixtures_imports import TSC, Terminal

HEAD = "number,national_id,name,active\n"
AMINA = "512345,21234567,Amina Otieno,yes\n"
ENTRIES = "SELECT number, national_id, name, active, level FROM register_entry ORDER BY number"


# What stands in one cell, and why its row is left out.
CELLS: dict[str, tuple[str, str, str]] = {
    "scientific": ("phone", "2.547E+11", "phone was shortened to 2.547E+11 by a spreadsheet"),
    "scientific, comma": ("phone", "2,547E+11", "phone was shortened to 2,547E+11 by a spreadsheet"),
    "scientific ID": ("national_id", "2.12E+07", "national_id was shortened to 2.12E+07"),
    "formula": ("full_name", "=HYPERLINK(0)", "full_name holds a formula"),
    "command": ("full_name", "+cmd|' /C calc'!A0", "full_name holds a formula"),
    "at": ("workplace", "@SUM(A1)", "workplace holds a formula"),
    "sum": ("number", "-2+3x", "number holds a formula"),
    "error": ("number", "#N/A", "number holds a spreadsheet's error, #N/A"),
    "too narrow": ("phone", "########", "phone holds a spreadsheet's error"),
    "nothing": ("national_id", "  ", "national_id is empty"),
    "control": ("full_name", "Amina\x07 Otieno", "full_name holds a control character"),
    "long": ("workplace", "M" * 201, "workplace is longer than 200"),
    "abroad": ("phone", "+256 772 123456", "phone is not a Kenyan number"),
    "landline": ("phone", "020 3317412", "phone is not a mobile number"),
    "short phone": ("phone", "071234567", "phone is too short"),
    "two phones": ("phone", "0712345678/0722000111", "phone holds several numbers"),
    "kind": ("kind", "cook", "kind must be one of teacher, examiner, driver, security"),
    "one name": ("full_name", "Amina", "full_name is not at least two names"),
    "no such county": ("county", "Nairobbi", "county: there is no Nairobbi; Nairobi?"),
    "no such place": ("sub_county", "Kasaranni", "sub_county: there is no Kasaranni in Nairobi; Kasarani?"),
    "number of another kind": ("number", "DL1234", "number is no TSC number"),
}
PERSON = {
    "phone": "0712345678",
    "national_id": "21234567",
    "full_name": "Amina Wanjiru Otieno",
    "kind": "teacher",
    "number": "512345",
    "county": "Nairobi",
    "sub_county": "Kasarani",
    "workplace": "Mwiki Primary School",
}


@pytest.mark.parametrize("name", CELLS)
def test_a_bad_cell_leaves_its_row_out_and_says_why(terminal: Terminal, name: str) -> None:
    column, cell, words = CELLS[name]
    bad = PERSON | {column: cell, "phone": PERSON["phone"] if column != "phone" else cell}
    good = PERSON | {"phone": "0712345679", "national_id": "31234567"}
    path = terminal.table("people.csv", list(PERSON), bad.values(), good.values())
    said = terminal.run("import", "people", path)
    assert said.exit_code == 1
    assert f"line 2: {words}" in said.output, said.output
    assert terminal.sql("SELECT phone FROM account") == [("+254712345679",)]
    [[line, fault, *cells]] = terminal.faults(path)
    assert (line, words in fault) == ("2", True)
    assert cells == [harmless(str(value)) for value in bad.values()]


def test_what_an_office_may_send_is_read(terminal: Terminal) -> None:
    """A mark at the start, other names of columns, empty lines and columns, quotes, long lines of ends."""
    text = (
        "\ufeffNumber, National ID ,NAME,Active,Level,,\r\n"
        '0512345,021234567,"OTIENO,  Amina\nWanjiru",Practising,Secondary,,\r\n'
        "\r\n,,,,,,\r\n"
        "512 346,2123-4568,Ng\u2019ang\u2019a \u200bP\u00e9ter,INTERDICTED,,,\r\n"
    )
    path = terminal.file("tsc.csv", text)
    said = terminal.run("import", "registers", path, "--register", "tsc", "--by", "amina")
    assert said.output == "2 rows read in.\n"
    assert terminal.sql(ENTRIES) == [
        ("512345", "21234567", "OTIENO, Amina Wanjiru", True, "secondary"),
        ("512346", "21234568", "Ng'ang'a Péter", False, None),
    ]
    assert not path.with_suffix(".faults.csv").exists()
    [entry] = terminal.sql("SELECT kind, name, rows, done, faults, by, finished_at IS NULL FROM import")
    assert entry == ("registers.tsc", "tsc.csv", 2, 2, 0, "staff:amina", False)
    with terminal.service.stores.sessions() as db:
        [audit] = db.scalars(select(Audit).where(Audit.act == "registers.import"))
        assert (audit.actor, audit.subject, audit.details["rows"]) == ("staff:amina", "file:tsc.csv", "2")


def test_a_row_with_other_cells_than_the_header_is_left_out(terminal: Terminal) -> None:
    path = terminal.file("tsc.csv", f"{HEAD}512345,21234567,Otieno,Amina,yes\n512346,21234568\n{AMINA}")
    said = terminal.run("import", "registers", path, "--register", "tsc")
    assert "line 2: has 5 cells, not 4\nline 3: has 2 cells, not 4\n" in said.output
    assert terminal.sql("SELECT count(*) FROM register_entry") == [(1,)]


def test_every_fault_of_a_row_is_said_and_only_twenty_rows_on_the_screen(terminal: Terminal) -> None:
    rows = [(f"x{n}", "", "Amina", "perhaps", "") for n in range(30)]
    said = terminal.tsc(*rows, (512345, 21234567, "Amina", "yes", ""))
    words = "number has other signs than digits; national_id is empty; active must be yes or no"
    assert f"line 2: {words}\n" in said.output
    assert said.output.count("line ") == 20
    assert "31 rows, 30 faults: see " in said.output and "The other rows were kept." in said.output
    faults = terminal.folder / "tsc.faults.csv"
    assert len(terminal.faults(terminal.folder / "tsc.csv")) == 30
    assert stat.S_IMODE(faults.stat().st_mode) == 0o600


def test_the_faults_corrected_can_be_read_in(terminal: Terminal) -> None:
    terminal.tsc((512345, 21234567, "Amina", "yes", ""), ("51234x", 21234568, "Baraka", "yes", ""))
    faults = terminal.folder / "tsc.faults.csv"
    mended = terminal.file("mended.csv", faults.read_text("utf-8-sig").replace("51234x", "512346"))
    said = terminal.run("import", "registers", mended, "--register", "tsc")
    assert said.output == "Columns that nobody reads: fault, line.\n1 rows read in.\n"
    assert [row[0] for row in terminal.sql(ENTRIES)] == ["512345", "512346"]


def test_the_faults_go_where_they_are_wanted(terminal: Terminal) -> None:
    path = terminal.table("tsc.csv", TSC, ("x", 21234567, "Amina", "yes", ""))
    wanted = terminal.folder / "elsewhere.csv"
    said = terminal.run("import", "registers", path, "--register", "tsc", "--faults", wanted)
    assert str(wanted) in said.output and wanted.exists()


def test_a_dry_run_says_the_same_and_changes_nothing(terminal: Terminal) -> None:
    path = terminal.table("tsc.csv", TSC, ("x", 1, "A", "yes", ""), (512345, 21234567, "Amina", "yes", ""))
    dry = terminal.run("import", "registers", path, "--register", "tsc", "--dry-run")
    assert dry.exit_code == 1 and "2 rows, 1 faults" in dry.output and "Nothing was changed." in dry.output
    assert terminal.sql("SELECT count(*) FROM register_entry") == [(0,)]
    assert terminal.sql("SELECT count(*) FROM import") == [(0,)]
    assert terminal.sql("SELECT count(*) FROM audit WHERE act LIKE '%import'") == [(0,)]
    assert terminal.run("import", "registers", path, "--register", "tsc").exit_code == 1
    assert terminal.sql("SELECT count(*) FROM register_entry") == [(1,)]


def test_the_same_file_twice_changes_nothing_unless_forced(terminal: Terminal) -> None:
    row = (512345, 21234567, "Amina", "yes", "")
    terminal.tsc(row)
    before = terminal.sql("SELECT * FROM register_entry")
    said = terminal.tsc(row, name="another_name.csv")
    assert said.exit_code == 1 and "This very file was read in on" in said.output
    assert terminal.sql("SELECT * FROM register_entry") == before
    path = terminal.folder / "tsc.csv"
    assert terminal.run("import", "registers", path, "--register", "tsc", "--again").exit_code == 0
    assert terminal.sql("SELECT imported_at FROM register_entry") > [(before[0][-1],)]
    # For another authority it is another list.
    assert terminal.run("import", "registers", path, "--register", "nps").exit_code == 0


def test_a_file_that_somebody_else_reads_in_is_left_to_them(terminal: Terminal) -> None:
    """Two at once: what one has kept the other does not keep again, and is told."""
    rows = [(500000 + n, 20000000 + n, "Amina Otieno", "yes", "") for n in range(2500)]
    source = look_through(terminal.table("tsc.csv", TSC, *rows))
    transaction, by = terminal.service.stores.transaction, Actor("staff:test", "command")

    def reading(name: str) -> Iterator[imports.Progress]:
        faults = FaultsFile(terminal.folder / name, source.header)
        return imports.run(transaction, source, Register("tsc"), faults, by=by)

    first, second = reading("one.csv"), reading("two.csv")
    next(first)
    assert next(first).done == 1000
    with pytest.raises(BadFile, match="Somebody else is reading in this file"):
        next(second)
    assert [step.done for step in first] == [2000, 2500]
    assert terminal.sql("SELECT count(*) FROM register_entry") == [(2500,)]
    with pytest.raises(imports.AlreadyRead):
        next(reading("three.csv"))


def test_who_lost_the_others_place_keeps_nothing(terminal: Terminal) -> None:
    """Were two at it all the same, the one that comes second to a batch rolls it back."""
    source = look_through(terminal.table("tsc.csv", TSC, (512345, 21234567, "Amina", "yes", "")))
    faults = FaultsFile(terminal.folder / "faults.csv", source.header)
    by = Actor("staff:test", "command")
    steps = imports.run(terminal.service.stores.transaction, source, Register("tsc"), faults, by=by)
    next(steps)
    with terminal.service.stores.transaction() as db:
        db.execute(update(Import).values(done=1))
    with pytest.raises(BadFile, match="Somebody else"):
        next(steps)
    assert terminal.sql("SELECT count(*) FROM register_entry") == [(0,)]


def test_a_batch_is_a_transaction_and_says_how_far_it_is(terminal: Terminal) -> None:
    rows = [(500000 + n, 20000000 + n, "Amina Otieno", "yes", "") for n in range(12_000)]
    said = terminal.tsc(*rows)
    assert "5,000 of 12,000 rows, 0 faults" in said.output and "10,000 of 12,000 rows" in said.output
    moments = terminal.sql("SELECT count(*) FROM register_entry GROUP BY imported_at ORDER BY imported_at")
    assert moments == [(1000,)] * 12


def test_statements_do_not_grow_with_the_rows(terminal: Terminal) -> None:
    """Nothing is asked row by row: a batch of a thousand takes as many statements as one of ten."""
    counts: list[int] = []
    engine = terminal.service.stores.engine

    @event.listens_for(engine, "before_cursor_execute")
    def count(*_: object) -> None:
        counts[-1] += 1

    for size in (10, 900):
        counts.append(0)
        rows = [(500000 + n, 20000000 + n, f"Amina {size}", "yes", "") for n in range(size)]
        terminal.tsc(*rows, name=f"{size}.csv")
    assert all(one == other for one, other in pairwise(counts))


def test_the_import_row_knows_how_far_it_is_after_each_batch(terminal: Terminal) -> None:
    rows = [("x" if n % 100 == 0 else 500000 + n, 20000000 + n, "Amina", "yes", "") for n in range(1500)]
    source = look_through(terminal.table("tsc.csv", TSC, *rows))
    faults = FaultsFile(terminal.folder / "faults.csv", source.header)
    stores = terminal.service.stores
    steps = imports.run(stores.transaction, source, Register("tsc"), faults, by=Actor("staff:x", "command"))
    seen = []
    for step in steps:
        with stores.sessions() as db:
            entry = db.scalars(select(Import)).one()
            seen.append((step.done, step.known) == (entry.done, entry.faults))
    assert seen == [True] * 3
    faults.close()
    with (terminal.folder / "faults.csv").open(encoding="utf-8-sig") as file:
        assert len(list(csv.reader(file))) == 16
