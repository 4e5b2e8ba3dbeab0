"""The handsets of the simulator: in the browser, and in the terminal."""

import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.processes import wait_until

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
SCREENS = {
    "": "CON Karibu CP2\n1. Jina\n2. Nenosiri",
    "1": "CON Jina lako?",
    "2": "END Nenosiri limetumwa.",
    "9": "Karibu",
}
THANKS = "END Asante {name}."


class Service(ThreadingHTTPServer):
    """A service with two screens that answers texts."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ServiceHandler)
        self.typed: list[str] = []
        self.simulator = ""
        self.let_go = threading.Event()  # lets the answer to input 8 out
        self.taking = True

    def ussd(self, form: dict[str, str]) -> str:
        self.typed.append(form["text"])
        if form["text"] == "8":
            self.let_go.wait(60)
        first, _, rest = form["text"].partition("*")
        return THANKS.format(name=rest) if rest else SCREENS.get(first, "CON Chagua 1 au 2")

    def answer(self, form: dict[str, str]) -> None:
        send(self.simulator, form["from"], f"Umeandika: {form['text']}")


class ServiceHandler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), True))
        words = self.server.ussd(form) if self.path.endswith("/ussd") else "OK"
        if self.path.endswith("/sms") and self.server.taking:
            threading.Thread(target=self.server.answer, args=(form,), daemon=True).start()
        with contextlib.suppress(OSError):
            self.send_response(200 if self.server.taking else 503)
            self.end_headers()
            self.wfile.write(words.encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


def send(simulator: str, phone: str, text: str) -> None:
    """Send as the service does."""
    form = {"username": "sandbox", "to": phone, "message": text, "from": "22262"}
    with requests.Session() as http:
        http.trust_env = False
        url = f"{simulator}version1/messaging"
        assert http.post(url, form, headers={"apiKey": "simulator"}, timeout=30).status_code == 201


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.let_go.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def start(service: Service, tmp_path: Path) -> Iterator[Callable[..., str]]:
    running: list[subprocess.Popen[str]] = []

    def begin(*flags: str) -> str:
        """Start a simulator and give its address."""
        environment = clean_environment(SIM_APP=f"http://127.0.0.1:{service.server_port}/at/secret")
        command = [sys.executable, "-m", "simulator", "serve", "--report-seconds", "3600", *flags]
        running.append(
            subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        )
        assert running[-1].stdout is not None
        service.simulator = running[-1].stdout.readline().split()[1]
        return service.simulator

    yield begin
    for process in running:
        process.terminate()
        process.communicate(timeout=60)


def clean_environment(**more: str) -> dict[str, str]:
    """Give a child no settings but these."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more}


# In the browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not here: the browser handset is not tried")
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET.split())
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, start: Callable[..., str]) -> Iterator[Page]:
    """A handset of 0711000111 that has complained of nothing and asked for nothing elsewhere."""
    yield from handset(browser, start())


def handset(browser: Browser, address: str, number: str = "0711000111", **options: Any) -> Iterator[Page]:
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(30_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    elsewhere: list[str] = []
    page.on("request", lambda asked: None if asked.url.startswith(address) else elsewhere.append(asked.url))
    page.goto(f"{address}#{number}")
    expect(page.locator("#operator")).to_have_text("Safaricom")
    yield page
    context.close()
    assert (complaints, elsewhere) == ([], [])


def press(page: Page, keys: str) -> None:
    """Press keys of the keypad."""
    for key in keys:
        page.locator(f'#keys button[data-key="{key}"]').click()


def act(page: Page, name: str) -> None:
    """Press a soft key, the middle key, call, end, up or down."""
    page.locator(f'[data-act="{name}"]').click()


def shows(page: Page, text: str) -> None:
    """Wait until the screen shows this."""
    expect(page.locator("#content")).to_contain_text(text, timeout=30_000)


def stop_time(page: Page) -> None:
    """What the phone shows for a moment stays, until `page.clock.resume()`: a slow machine may look late."""
    page.clock.install(time=0)
    page.clock.pause_at(60)


def softs(page: Page) -> list[str]:
    return [page.locator(f"#soft-{side}").inner_text() for side in ("left", "middle", "right")]


@pytest.mark.browser
def test_dialling_and_answering_with_the_keypad(page: Page, service: Service) -> None:
    press(page, "*384*22262#")
    shows(page, "*384*22262#")
    act(page, "call")
    expect(page.locator("#content .text")).to_have_text(
        "Karibu CP2\n1. Jina\n2. Nenosiri", use_inner_text=True
    )
    assert softs(page) == ["Send", "abc", "Cancel"]
    press(page, "12")
    act(page, "right")  # clears the 2
    expect(page.locator("#typed")).to_have_text("1")
    act(page, "left")
    shows(page, "Jina lako?")
    act(page, "middle")
    assert softs(page) == ["Send", "123", "Cancel"]
    press(page, "#27")
    act(page, "middle")
    press(page, "4*0#")
    expect(page.locator("#typed")).to_have_text("Ap4*0#")
    act(page, "left")
    shows(page, "Asante Ap4*0#.")
    assert service.typed == ["", "1", "1*Ap4*0#"]
    expect(page.locator("#badge")).to_have_text("ended by the service")
    act(page, "left")
    assert softs(page) == ["Menu", "Dial", "Inbox"]


@pytest.mark.browser
def test_letters_are_reached_by_repeated_presses(page: Page) -> None:
    page.locator("#quick-text").click()
    stop_time(page)  # from here on the pause between letters is ours to make
    press(page, "72777777")
    page.clock.run_for(1100)
    press(page, "999")
    act(page, "up")
    press(page, "0")
    expect(page.locator("#typed")).to_have_text(re.compile("^Papy $"))
    page.clock.run_for(1100)
    press(page, "2")
    page.clock.run_for(1100)
    press(page, "2")
    expect(page.locator("#typed")).to_have_text("Papy aa")


@pytest.mark.browser
def test_the_computer_keyboard_works_alone(page: Page, service: Service) -> None:
    page.keyboard.type("*384*22262*1#")
    page.keyboard.press("Enter")
    shows(page, "Jina lako?")
    page.keyboard.type("Mary & sonsx")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    shows(page, "Asante Mary & sons.")
    page.keyboard.press("Escape")
    expect(page.locator("#phone")).to_have_attribute("data-screen", "home")
    assert service.typed == ["1", "1*Mary & sons"]
    page.locator('[data-act="middle"]').focus()
    page.keyboard.press("Enter")  # a key of the phone that has the focus is pressed, as any button is
    expect(page.locator("#phone")).to_have_attribute("data-screen", "dialler")


@pytest.mark.browser
def test_the_panel_tells_lengths_clocks_and_hops(page: Page) -> None:
    page.locator("#quick-dial").click()
    shows(page, "Karibu CP2")
    expect(page.locator("#septets-text")).to_have_text("34 of 160 septets")
    expect(page.locator("#badge")).to_have_text("open")
    expect(page.locator("#idle-text")).to_have_text(re.compile(r"^[1-9]\d* of 30 s$"))
    expect(page.locator("#elapsed-text")).to_have_text(re.compile(r"^[1-9]\d* of 180 s$"))
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.locator("#hops tr")).to_have_count(2)
    cells = page.locator("#hops tr").nth(1).locator("td").all_inner_texts()
    assert cells[:4] == ["2", "1", "CON Jina lako?", "14"]


@pytest.mark.browser
def test_hanging_up_and_a_bad_answer_look_as_on_a_phone(page: Page, service: Service) -> None:
    page.locator("#quick-dial").click()
    shows(page, "Karibu CP2")
    act(page, "end")
    expect(page.locator("#badge")).to_have_text("incomplete")
    act(page, "call")
    act(page, "call")
    shows(page, "Karibu CP2")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    shows(page, "Connection problem or invalid MMI code.")
    expect(page.locator("#hops tr.wrong")).to_contain_text("Response should start with a CON or an END")
    act(page, "right")  # redial
    shows(page, "Karibu CP2")
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    shows(page, "Requesting...")
    act(page, "right")  # given up while the service is still thinking
    expect(page.locator("#phone")).to_have_attribute("data-screen", "home")
    service.let_go.set()
    expect(page.locator("#hops tr")).to_have_count(2)
    expect(page.locator("#phone")).to_have_attribute("data-screen", "home")


@pytest.mark.browser
def test_a_session_that_runs_out_is_shown(browser: Browser, start: Callable[..., str]) -> None:
    for page in handset(browser, start("--idle-seconds", "1")):
        page.locator("#quick-dial").click()
        shows(page, "Session timed out")
        expect(page.locator("#badge")).to_have_text("incomplete")


@pytest.mark.browser
def test_a_session_that_lives_is_found_again(page: Page) -> None:
    page.locator("#quick-dial").click()
    shows(page, "Karibu CP2")
    page.reload()
    shows(page, "Karibu CP2")
    assert softs(page) == ["Send", "abc", "Cancel"]


@pytest.mark.browser
def test_a_late_answer_says_nothing_of_a_session_begun_since(page: Page) -> None:
    """The page looks for news now and then; what it asked before the dial comes after it."""
    late: list[Callable[[], None]] = []

    def hold(route: Route) -> None:
        told = route.fetch()
        late.append(lambda: route.fulfill(response=told))

    page.route("**/handset?*", hold, times=1)
    wait_until(lambda: late or page.wait_for_timeout(50), "the page's next look for news")
    page.locator("#quick-dial").click()
    shows(page, "Karibu CP2")
    with page.expect_response("**/handset?*"):
        late[0]()
    page.wait_for_timeout(50)
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    shows(page, "Nenosiri limetumwa.")


@pytest.mark.browser
def test_messages_come_and_are_read(page: Page, service: Service) -> None:
    send(service.simulator, "+254711000111", "Nenosiri lako ni 4827 1930")
    send(service.simulator, "+254711000222", "Si wako")
    shows(page, "1 new message")
    expect(page.locator("#letter")).to_have_text("✉1")
    act(page, "middle")
    shows(page, "● 22262")
    act(page, "left")
    shows(page, "Nenosiri lako ni 4827 1930")
    shows(page, "26 septets, 1 segment(s)")
    expect(page.locator("#letter")).to_be_hidden()
    page.reload()
    expect(page.locator("#operator")).to_have_text("Safaricom")
    expect(page.locator("#letter")).to_be_hidden()  # what was read stays read


@pytest.mark.browser
def test_a_text_is_written_sent_and_answered(page: Page) -> None:
    act(page, "left")
    press(page, "2")
    shows(page, "To 22262")
    page.keyboard.type("x" * 160)
    expect(page.locator("#counter")).to_have_text("0 left, SMS 1")
    page.keyboard.type("^")
    expect(page.locator("#counter")).to_have_text("144 left, SMS 2")
    for _ in range(161):
        page.keyboard.press("Backspace")
    page.keyboard.type("Password")
    stop_time(page)
    act(page, "left")
    shows(page, "Message sent")
    page.clock.resume()
    shows(page, "1 new message")
    act(page, "right")
    shows(page, "Umeandika: Password")
    act(page, "end")
    act(page, "left")
    act(page, "down")
    act(page, "down")
    act(page, "middle")
    shows(page, "→ 22262  delivered")


@pytest.mark.browser
def test_a_text_that_is_not_taken_says_so(page: Page, service: Service) -> None:
    service.taking = False
    page.locator("#quick-text").click()
    page.keyboard.type("Help")
    stop_time(page)
    page.keyboard.press("Enter")
    shows(page, "Message sent")
    act(page, "left")
    page.clock.resume()
    act(page, "left")
    press(page, "3")
    shows(page, "not taken yet, will be sent again")


@pytest.mark.browser
def test_the_phone_speaks_kiswahili(page: Page) -> None:
    page.locator('[data-language="sw"]').click()
    assert softs(page) == ["Menyu", "Piga", "Kikasha"]
    expect(page.locator("html")).to_have_attribute("lang", "sw")
    expect(page.locator('[data-act="end"]')).to_have_attribute("aria-label", "Kata")
    act(page, "left")
    shows(page, "Andika ujumbe")
    page.reload()
    expect(page.locator("#soft-left")).to_have_text("Menyu")
    act(page, "left")
    page.keyboard.type("5")
    shows(page, "Write message")
    assert softs(page) == ["Select", "", "Back"]


@pytest.mark.browser
def test_two_tabs_are_two_phones(page: Page, service: Service) -> None:
    other = page.context.new_page()
    other.goto(f"{service.simulator}#0102000333")
    expect(other.locator("#content")).to_contain_text("+254102000333", timeout=30_000)
    other.locator("#quick-dial").click()
    shows(other, "Karibu CP2")
    shows(page, "+254711000111")
    page.locator("#number").fill("0712 345 678")
    page.locator("#number").press("Enter")
    shows(page, "+254712345678")
    assert page.url.endswith("#0712%20345%20678")
    page.locator("#number").fill("020 12")
    page.locator("#number").press("Enter")
    expect(page.locator("#number-hint")).to_contain_text("is not a Kenyan mobile number")


@pytest.mark.browser
@pytest.mark.parametrize("way", ["#quick-dial", '[data-act="call"]'])
def test_a_number_just_typed_is_the_one_that_dials(page: Page, service: Service, way: str) -> None:
    """A button takes no focus, so the field is left by the press itself."""
    page.locator("#number").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("0722000118")
    if way != "#quick-dial":
        press(page, "*384*22262#")
    page.locator(way).click()
    shows(page, "Karibu CP2")
    with requests.Session() as http:
        http.trust_env = False
        held = http.get(f"{service.simulator}handset?phone=0722000118", timeout=30).json()
    assert held["session"]["state"] == "open"
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    shows(page, "Nenosiri limetumwa.")


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_every_button_is_named_and_fits(browser: Browser, start: Callable[..., str], width: int) -> None:
    for page in handset(browser, start(), viewport={"width": width, "height": 740}):
        for language in ("sw", "en"):
            page.locator(f'[data-language="{language}"]').click()
            page.locator("#quick-dial").click()
            shows(page, "Karibu CP2")
            assert page.evaluate("document.documentElement.scrollWidth") == width
            for button in page.get_by_role("button").all():
                box = button.bounding_box()
                assert box and box["width"] >= 24 and box["height"] >= 24
                assert button.get_attribute("aria-label") or button.inner_text()
        assert page.get_by_role("button", name="2 abc").count() == 1
        assert page.get_by_role("button", name="Left soft key: Send").count() == 1
        assert page.locator("#content").get_attribute("aria-live") == "polite"


@pytest.mark.browser
def test_the_phone_says_when_the_simulator_is_gone(browser: Browser, start: Callable[..., str]) -> None:
    pages = handset(browser, start())
    page = next(pages)
    page.route("**/handset?*", lambda route: route.abort())
    shows(page, "No signal: the simulator does not answer.")
    page.unroute("**/handset?*")
    expect(page.locator("#content")).not_to_contain_text("No signal", timeout=30_000)
    with pytest.raises(AssertionError, match="ERR_FAILED"):  # the browser's own complaint, and no other
        next(pages)


def test_the_page_allows_nothing_from_elsewhere(start: Callable[..., str]) -> None:
    address = start()
    policy = requests.get(address, timeout=30).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    for file in (ROOT / "simulator" / "static").iterdir():
        assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", file.read_text()), file.name
        place = "" if file.suffix == ".html" else f"static/{file.name}"
        assert requests.get(address + place, timeout=30).text == file.read_text()


def test_both_languages_have_the_same_words() -> None:
    source = (ROOT / "simulator" / "static" / "words.js").read_text()
    english, kiswahili = source.split("  sw: {")
    words = [dict(re.findall(r'(\w+): "((?:[^"\\]|\\.)*)"', half)) for half in (english, kiswahili)]
    assert len(words[0]) > 50 and words[0].keys() == words[1].keys()
    for name, sentence in words[0].items():
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", words[1][name])), name


# In the terminal


def run(
    *arguments: str, cwd: Path, typed: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the terminal handset to its end."""
    command = [sys.executable, "-m", "simulator", *arguments]
    return subprocess.run(
        command,
        input=typed,
        capture_output=True,
        text=True,
        timeout=90,
        cwd=cwd,
        env=clean_environment(**environment),
    )


def test_dialling_in_the_terminal(start: Callable[..., str], service: Service, tmp_path: Path) -> None:
    address = start()
    done = run(
        "dial", "*384*22262#", "--answers", "1,Mary", "--from", "0102000333", cwd=tmp_path, SIM_URL=address
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Karibu CP2\n1. Jina\n2. Nenosiri\n" in done.stdout
    assert "Asante Mary.\n" in done.stdout
    assert "34/160 septets" in done.stdout
    assert service.typed == ["", "1", "1*Mary"]


def test_answers_are_read_line_by_line(start: Callable[..., str], service: Service, tmp_path: Path) -> None:
    address = start()
    done = run("dial", "*384*22262*1#", "--simulator", address, cwd=tmp_path, typed="Mary Wanjiru\nunread\n")
    assert (done.returncode, service.typed) == (0, ["1", "1*Mary Wanjiru"])
    assert ">" not in done.stdout
    left = run("dial", "*384*22262#", "--simulator", address, cwd=tmp_path, typed="")
    assert (left.returncode, left.stdout.splitlines()[-1]) == (1, "(hung up)")


def test_a_failed_session_says_why(start: Callable[..., str], tmp_path: Path) -> None:
    address = start()
    done = run("dial", "*384*22262*9#", cwd=tmp_path, SIM_URL=address)
    assert (done.returncode, "Gateway error: Response should start with a CON or an END" in done.stdout) == (
        1,
        True,
    )
    nowhere = "\n*100# leads nowhere on this network: dial *384*22262#\n"
    elsewhere = run("dial", "*100#", cwd=tmp_path, SIM_URL=address)
    assert (elsewhere.returncode, nowhere in elsewhere.stdout) == (1, True)


def test_texting_in_the_terminal(start: Callable[..., str], service: Service, tmp_path: Path) -> None:
    address = start()
    send(address, "+254711000111", "of before")
    words = ("text", "22262", "Password", "sasa", "--from", "0711000111", "--wait", "60")
    done = run(*words, cwd=tmp_path, SIM_URL=address)
    assert (done.returncode, done.stdout) == (0, "22262: Umeandika: Password sasa\n")
    service.taking = False
    silent = run("text", "22262", "Password", "--wait", "0.5", cwd=tmp_path, SIM_URL=address)
    # As the network says: a slow one may still be at its first try.
    assert re.fullmatch(r"No reply within 0\.5 s \(the text is (waiting|sending)\)\.\n", silent.stdout)
    assert silent.returncode == 1


def test_the_terminal_finds_the_simulator_in_the_data_directory(
    start: Callable[..., str], tmp_path: Path
) -> None:
    start("--address-file", str(tmp_path / "data" / "run" / "simulator.url"))
    done = run("dial", "*384*22262*2#", cwd=tmp_path, CP2_DATA_DIR=str(tmp_path / "data"))
    assert (done.returncode, "Nenosiri limetumwa." in done.stdout) == (0, True)


def test_the_terminal_says_that_this_is_no_simulator(service: Service, tmp_path: Path) -> None:
    """Such as the service's own address, which only leads a browser on to the simulator."""
    service.taking = False
    address = "http://{}:{}".format(*service.server_address[:2])
    lost = run("dial", "*384*22262#", "--simulator", address, cwd=tmp_path)
    assert (lost.returncode, lost.stdout) == (2, "")
    assert lost.stderr.startswith(f"What answers at {address} is no simulator.")


def test_the_terminal_says_that_no_simulator_runs(tmp_path: Path) -> None:
    none = run("dial", "*384*22262#", cwd=tmp_path)
    assert (none.returncode, none.stdout) == (2, "")
    assert none.stderr.startswith("No simulator is running (var/run/simulator.url is missing).")
    assert "CP2_DATA_DIR" in none.stderr
    gone = run("text", "22262", "Help", "--simulator", "http://127.0.0.1:1", cwd=tmp_path)
    assert gone.returncode == 2
    assert gone.stderr.startswith("No simulator answers at http://127.0.0.1:1 (")
