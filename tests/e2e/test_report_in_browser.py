"""The HTML report in a real browser: it renders, asks nothing of the network, sorts, filters and explains."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gongkai.pipeline.report.write import survey, write_report
from gongkai.pipeline.schema import Report
from gongkai.pipeline.writing import to_json

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium fonts-noto-cjk"),
]


class Browser:
    """Headless Chromium driven through its DevTools pipe: JSON messages that end with a zero byte."""

    def __init__(self, profile: Path):
        (down, self._write), (self._read, up) = os.pipe(), os.pipe()
        # High numbers first, so that putting them at 3 and 4, where Chromium expects them, overwrites neither.
        down, up = fcntl.fcntl(down, fcntl.F_DUPFD, 20), fcntl.fcntl(up, fcntl.F_DUPFD, 20)

        def connect() -> None:
            os.dup2(down, 3)
            os.dup2(up, 4)

        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={profile}"]
        self._process = subprocess.Popen(
            [str(CHROMIUM), *flags],
            preexec_fn=connect,
            pass_fds=(3, 4),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        os.close(down)
        os.close(up)
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events that arrive meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])
            self.events.append(answer)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            data = os.read(self._read, 1 << 20)
            assert data, "Chromium ended"
            self._buffer += data
        message, self._buffer = self._buffer.split(b"\0", 1)
        return dict(json.loads(message))

    def open(self, page: Path) -> None:
        """Open a page from the disk and wait until it is laid out."""
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        deadline = time.monotonic() + 30
        while self.run("document.readyState") != "complete" or self.run("location.protocol") != "file:":
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def run(self, script: str) -> Any:
        """Evaluate an expression in the page and return its value."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def requested(self) -> list[str]:
        """Return the address of everything the page asked for."""
        sent = [event["params"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [str(params["request"]["url"]) for params in sent]

    def complaints(self) -> list[Any]:
        """Return errors, violations of the policy, and dialogs that a script opened."""
        kinds = ("Log.entryAdded", "Runtime.exceptionThrown", "Page.javascriptDialogOpening")
        return [event["params"] for event in self.events if event["method"] in kinds]

    def close(self) -> None:
        """End the browser."""
        self._session = None
        self.call("Browser.close")
        self._process.wait(30)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    started = Browser(tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture
def page(tmp_path: Path, build_report: Callable[..., Report]) -> Path:
    """Write a report on three summaries, one of them hostile, and return its page."""
    hostile = '<img src="http://evil.example/x.png" onerror="window.pwned=1"><script>window.pwned=1</script>'
    reports = [build_report("b-2021"), build_report("a-2023"), build_report("c-2022", hostile)]
    for report, authority, year in zip(reports, ("乙局", "甲局", hostile), (2021, 2023, 2022), strict=True):
        report.report.authority, report.report.year = authority, year
    reports[1].checks = []
    reports[0].tables["applications"].rows["new_received"]["total"] = 100
    (tmp_path / "out").mkdir()
    for report in reports:
        (tmp_path / "out" / f"{report.report.id}.json").write_bytes(to_json(report))
    write_report(survey(tmp_path / "out"), tmp_path / "report.html", single_page_limit=50)
    return tmp_path / "report.html"


SHOWN = "Array.from(document.querySelectorAll('#list tbody .file'), e => e.textContent).join(' ')"


def _type(browser: Browser, control: str, change: str) -> str:
    browser.run(f"(e => {{ {change}; e.dispatchEvent(new Event('input')); }})(document.getElementById('{control}'))")
    return str(browser.run(SHOWN))


def _head(browser: Browser, title: str) -> str:
    button = "Array.from(document.querySelectorAll('#list thead button'))"
    browser.run(f"{button}.find(e => e.textContent.includes('{title}')).click()")
    return str(browser.run(SHOWN))


def test_the_page_renders_without_the_network_and_its_table_sorts_and_filters(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.run("document.title").startswith("out")
    for selector in ("h1", ".chart.years svg", ".chart.bars .bar", ".flow .band", "#list tbody tr", "article .m"):
        box = browser.run(f"(b => [b.width, b.height])(document.querySelector('{selector}').getBoundingClientRect())")
        assert min(box) > 0, selector
    assert browser.run("getComputedStyle(document.body).fontSize") == "15px"  # the policy lets the style sheet in
    picture = base64.b64decode(browser.call("Page.captureScreenshot", format="png")["data"])
    assert len(picture) > 20_000  # an empty page takes 5,000 bytes

    by_name = browser.run(SHOWN)
    assert sorted(by_name.split()) == ["a-2023", "b-2021", "c-2022"]
    assert _head(browser, "applications").split()[0] == "b-2021"
    assert browser.run("document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "descending"
    assert _head(browser, "applications").split()[-1] == "b-2021"
    assert _head(browser, "year") == "a-2023 c-2022 b-2021"
    assert _head(browser, "year") == "b-2021 c-2022 a-2023"
    assert _type(browser, "failing", "e.checked = true") == "b-2021 c-2022"
    assert _type(browser, "year", "e.value = '2022'") == "c-2022"
    assert browser.run("document.getElementById('count').textContent").startswith("1 / 3")
    assert _type(browser, "year", "e.value = ''") == "b-2021 c-2022"
    assert _type(browser, "find", "e.value = '乙'") == "b-2021"
    assert _type(browser, "find", "e.value = '<IMG ONERROR'") == "c-2022"
    assert _type(browser, "find", "e.value = 'no such report'") == ""

    assert browser.run("window.pwned") is None
    assert browser.run("document.images.length + document.scripts.length") == 1
    assert browser.requested() == [page.as_uri()]
    assert browser.complaints() == []


def test_a_metric_explains_itself_when_the_keyboard_comes_to_it(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('article .m').focus({focusVisible: true})")
    shown = browser.run("getComputedStyle(document.activeElement, '::after').content")
    for part in ("主动公开信息数", "1,204 条", "等于 equal to", "2023年"):
        assert part in shown
    browser.run("document.activeElement.click()")
    row = browser.run("document.querySelector(':target').textContent")
    assert "主动公开信息数" in row


def test_without_scripts_everything_is_there_and_no_control_is_dead(browser: Browser, page: Path) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(page)
        assert len(str(browser.run(SHOWN)).split()) == 3
        visible = "getComputedStyle(document.getElementById('controls')).display"
        assert browser.run(visible) == "none"
        assert browser.run("document.querySelectorAll('#list button').length") == 0
        assert browser.run("document.querySelectorAll('article').length") == 3
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_large_table_is_paged_and_whole_in_print(browser: Browser, page: Path) -> None:
    out = page.parent / "many"
    out.mkdir()
    model = Report.model_validate_json((page.parent / "out" / "a-2023.json").read_bytes())
    for number in range(250):
        model.report.id = f"r{number:03d}"
        model.source.path = f"{model.report.id}.txt"
        (out / f"{model.report.id}.json").write_bytes(to_json(model))
    target = page.parent / "many.html"
    write_report(survey(out), target, single_page_limit=50)
    browser.open(target)
    assert len(str(browser.run(SHOWN)).split()) == 200
    browser.run("document.getElementById('after').click()")
    assert str(browser.run(SHOWN)).split() == [f"r{number:03d}" for number in range(200, 250)]
    assert browser.run("document.getElementById('after').disabled") is True
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    assert len(str(browser.run(SHOWN)).split()) == 250
    browser.open(page.parent / "many-pages" / "r249.html")
    assert browser.run("document.querySelector('h1').textContent") == "柳溪市2023年政府信息公开工作年度报告"
    assert browser.complaints() == []
    assert len(browser.requested()) == 1
