"""What a report says of itself: title, authority, year, date of publication and the official form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from gongkai.pipeline.document import Form, TextBlock
from gongkai.pipeline.structure.divisions import resolve
from gongkai.pipeline.structure.headings import find_mark, small_number

_SUBJECT = re.compile(r"(?:政府信息公开|政务公开|政务信息公开|信息公开)")
_GENRE = re.compile(r"(?:年度?报告|年报|工作报告|情况报告|报告|情况的?报告|工作总结)")
_TITLE_YEAR = re.compile(r"(?:(?:19|20)\d{2}|二[〇○零O][〇○零O一二三四五六七八九]{2})\s*年?度?|[（(]?年度[)）]?")
_TITLE_WORDS = re.compile(r"^(?:关于|报送|印发|公布|发布|的|[-—:：])+|(?:关于|的|开展|本级|部门|[-—:：])+$")
_BODY_SUFFIX = re.compile(
    r"(?:人民政府|政府|办公厅|办公室|委员会|管委会|总局|局|厅|部|委|办|院|署|中心|社|处|所|行|会|大队|支队|总队|公司|学校|大学|医院|街道|镇|乡)$"
)
_NAME = re.compile(r"[一-鿿（）()·、 ]{3,30}")
_PLACE_ONLY = re.compile(r"(?:省|自治区|市|自治州|州|盟|县|区|旗|镇|乡)$")
_STREET = re.compile(r"街道$")
_CHINESE_DIGITS = str.maketrans("〇○零O一二三四五六七八九", "0000123456789")
_YEAR = re.compile(r"(?<!\d)(20[0-2]\d|200\d)\s*年")
_PERIOD = re.compile(r"(?:统计|报告|数据)?期限.{0,12}?(20\d\d)年1月1日")
_DATE = re.compile(r"(20\d\d)\s*[年\-/.]\s*(\d{1,2})\s*[月\-/.]\s*(\d{1,2})")
_PUBLISHED = re.compile(r"(?:发布|公开|发文|成文|生成|印发|更新)(?:日期|时间)\s*[:：]?\s*" + _DATE.pattern)
_CHINESE_DATE = re.compile(
    r"^二[〇○零O0]{1,2}[一二三四五六七八九十〇○零]{1,2}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日$"
)
_COMPILED_BY = re.compile(r"由([一-鿿]{3,25}?)(?:办公室)?(?:负责)?编制")
_ANNOUNCED = re.compile(r"(?:公布|发布|现将|公开)《?([一-鿿]{3,25}?)(?:关于)?(?:20\d\d|二[〇○零O])")
# A letter that only passes the report on ("关于公布某市2009年度…年度报告的通知").
_NOTICE = re.compile(r"的?(?:通知|公告|函|请示)$")
_LOOK_AHEAD = 15
_TITLE_LENGTH = 60
_PUBLISHED_META = (
    "pubdate",
    "publishdate",
    "publicationdate",
    "firstpublishtime",
    "firstpublishedtime",
    "others",
    "createdate",
    "maketime",
)
_AUTHORITY_META = ("contentsource", "source", "author", "sitename")


@dataclass(slots=True)
class FrontMatter:
    """The report's own account of itself; ``title_blocks`` are the indices of the blocks that only repeat the title."""

    title: str | None
    authority: str | None
    region: str | None
    year: int | None
    published: str | None
    title_blocks: frozenset[int]


def looks_like_title(text: str) -> bool:
    """Tell whether a line reads like the title of an annual report."""
    return (
        len(text) <= _TITLE_LENGTH
        and _SUBJECT.search(text) is not None
        and _GENRE.search(text) is not None
        and not re.search(r"[。；，,]|条例|编制|[:：].", text)
    )


def read_front_matter(head: list[TextBlock], body: str, tail: list[TextBlock], meta: dict[str, str]) -> FrontMatter:
    """Read title, authority, region, year and date.

    Args:
        head: the text blocks before the first section title (all blocks if there is none).
        body: the whole narrative; its place names and years decide where the head is silent.
        tail: the last text blocks, where a signature and a date may stand.
        meta: the format's own metadata, lower-case keys.
    """
    head = head[:_LOOK_AHEAD]
    title, used = _find_title(head, meta)
    year = _year(title, head, body, meta)
    authority = _authority(title, head, tail, meta)
    site = " ".join([meta.get("sitename", ""), title or "", *(b.text for b in head)])
    region = resolve(authority, site + body) if authority else None
    if region is None and title:
        region = resolve(title, site + body)
    return FrontMatter(title, authority, region, year, _published(head, tail, meta), used)


def _find_title(head: list[TextBlock], meta: dict[str, str]) -> tuple[str | None, frozenset[int]]:
    found = [i for i, block in enumerate(head) if looks_like_title(block.text)]
    used = set(found)
    title = max((head[i].text for i in found), key=lambda text: (not _NOTICE.search(text), len(text)), default=None)
    if title is None:
        joined = _title_over_two_lines(head)
        if joined:
            return joined[0], frozenset(joined[1])
        named = (meta.get(k, "") for k in ("articletitle", "title"))
        parts = [p.strip() for text in named for p in re.split(r"[-_|—]+", text)]
        return next((p for p in parts if looks_like_title(p)), None), frozenset()
    first = found[0]
    if first and not _names_body(title) and _is_body(_TITLE_YEAR.sub("", head[first - 1].text)):
        title = head[first - 1].text + title
        used.add(first - 1)
    return re.sub(r"\s+", "", title), frozenset(used)


def _title_over_two_lines(head: list[TextBlock]) -> tuple[str, set[int]] | None:
    for i in range(len(head) - 1):
        joined = head[i].text + head[i + 1].text
        short = len(head[i].text) < 30 and len(head[i + 1].text) < 30
        numbered = find_mark(head[i].text) or find_mark(head[i + 1].text)
        if short and not numbered and looks_like_title(joined):
            return re.sub(r"\s+", "", joined), {i, i + 1}
    return None


def _is_body(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and (
        _BODY_SUFFIX.search(text) is not None or _PLACE_ONLY.search(text) is not None
    )


def _names_body(title: str) -> bool:
    return _body_of(title) is not None


def _body_of(title: str) -> str | None:
    bare = re.sub(r"\s+", "", title)
    subject = _SUBJECT.search(bare)
    name = _TITLE_WORDS.sub("", _TITLE_YEAR.sub("", bare[: subject.start()] if subject else "")).strip("《》“”")
    return name if re.search(r"[一-鿿]{2}", name) else None


def _authority(title: str | None, head: list[TextBlock], tail: list[TextBlock], meta: dict[str, str]) -> str | None:
    name = _body_of(title) if title else None
    if name is None:
        signatures = [b.text for b in reversed(tail) if _is_body(b.text) and _BODY_SUFFIX.search(b.text)]
        told = [m for b in head for pattern in (_COMPILED_BY, _ANNOUNCED) if (m := pattern.search(b.text))]
        compiled = [m.group(1) for m in told if _is_body(m.group(1))]
        named = [meta[k] for k in _AUTHORITY_META if _is_body(meta.get(k, ""))]
        name = next(iter(signatures + compiled + named), None)
    if name is None:
        return None
    if _STREET.search(name):
        return name + "办事处"
    return name + "人民政府" if _PLACE_ONLY.search(name) else name


def _year(title: str | None, head: list[TextBlock], body: str, meta: dict[str, str]) -> int | None:
    for text in (title, meta.get("articletitle"), meta.get("title")):
        year = _year_in(text or "")
        if year:
            return year
    text = "\n".join(b.text for b in head) + "\n" + body
    stated = _PERIOD.search(text)
    if stated:
        return int(stated.group(1))
    # Without a title the year that the opening speaks of most is the one reported on.
    years = _YEAR.findall(text[:3000])
    return int(max(years, key=years.count)) if years else None


def _year_in(text: str) -> int | None:
    match = re.search(r"(?<!\d)(?:19|20)\d{2}(?!\d)", text)
    if match:
        return int(match.group())
    chinese = re.search(r"二[〇○零O][〇○零O一二三四五六七八九]{2}", text)
    return int(chinese.group().replace("二", "2").translate(_CHINESE_DIGITS)) if chinese else None


def _published(head: list[TextBlock], tail: list[TextBlock], meta: dict[str, str]) -> str | None:
    for key in _PUBLISHED_META:
        match = _DATE.search(meta.get(key, ""))
        if match:
            return _iso(match)
    for block in head:
        match = _PUBLISHED.search(block.text)
        if match:
            return _iso(match)
    for block in [*reversed(tail), *head]:  # below the signature, or below the title
        match = _DATE.match(block.text.strip("（()）"))
        if match and len(block.text) <= 16:
            return _iso(match)
        if _CHINESE_DATE.match(block.text):
            return _iso_chinese(block.text)
    return None


def _iso(match: re.Match[str]) -> str | None:
    year, month, day = (int(g) for g in match.groups()[:3])
    return _calendar_day(year, month, day)


def _iso_chinese(text: str) -> str | None:
    year, month, day = re.split(r"[年月日]", text)[:3]
    digits = year.replace("二", "2").translate(_CHINESE_DIGITS)
    return _calendar_day(int(digits) if digits.isdecimal() else None, small_number(month), small_number(day))


def _calendar_day(year: int | None, month: int | None, day: int | None) -> str | None:
    """Return the ISO date, or ``None`` if there is no such day."""
    try:
        return date(year or 0, month or 0, day or 0).isoformat()
    except ValueError:
        return None


def form_of(year: int | None) -> Form:
    """Return the official form that reports on ``year`` follow.

    国办公开办函〔2019〕60号 prescribed the form from the report on 2019,
    国办公开办函〔2021〕30号 the present one from 2021.
    """
    if year is None:
        return "unknown"
    if year < 2019:
        return "pre2019"
    return "2019" if year < 2021 else "2021"
