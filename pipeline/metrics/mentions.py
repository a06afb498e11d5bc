"""Number mentions that measure nothing: document numbers, names, contacts, ordinals, dates, codes."""

from __future__ import annotations

import re

from gongkai.pipeline.metrics import dates
from gongkai.pipeline.metrics.base import QuantityKind
from gongkai.pipeline.metrics.numerals import parse_chinese, read_arabic, read_chinese
from gongkai.pipeline.metrics.scan import Found, Scan
from gongkai.pipeline.metrics.vocabulary import name_at, unit_at

_DOCUMENT = re.compile(r"[〔\[【(〈](?:19|20)[0-9]{2}[ ]?(?:年)?[〕\]】)〉][ ]?第?[ ]?[0-9]{1,5}[ ]?号")
_PLAIN_NUMBER = re.compile(r"[0-9]{1,6}[ ]?号(?:[令文]|公告|文件)?")
_ZH_NUMBER = re.compile(r"[〇零一二三四五六七八九十百]{1,7}[ ]?号(?:[令文]|公告|文件)")
_ADDRESS = ("路", "街", "巷", "道", "弄", "里", "院", "楼", "村", "厦", "幢", "栋", "段", "区", "苑", "园")
_PHONE = re.compile(
    r"\(?0[0-9]{2,3}\)?[ ]?-?[ ]?[0-9]{7,8}(?:-[0-9]{1,5})?(?![0-9])|1[3-9][0-9]{9}(?![0-9])"
    r"|400-?[0-9]{3,4}-?[0-9]{3,4}(?![0-9])"
)
_CONTACT_CUE = re.compile(
    r"(?:电话|传真|邮编|邮政编码|邮码|手机|拨打|致电|联系方式|QQ群?|热线|ICP备|网安备|公网安备|备案号|标识码|联系人|账号|公众号)[^0-9。；,，数量率达]{0,8}$"
)
_LONG_DIGITS = re.compile(r"[0-9]{3,20}(?:-[0-9]{1,8})*")
_HOTLINE = re.compile(
    r"[0-9]{3,6}[”\"']?[ ]?(?:[\u4e00-\u9fff]{0,9}?热线|政务服务|便民服务|投诉举报|举报电话|专线|政府服务)"
)
_TOKEN_CHARS = re.compile(r"[A-Za-z0-9_.:/@?=&#+*-]+")
_TOKEN_LEFT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:/@?=&#+*-")
_WEB = re.compile(r"@|://|www\.|\.(?:com|cn|net|org|gov|html?)\b", re.IGNORECASE)
_PLUS = re.compile(r"[0-9]{1,3}[ ]?\+[ ]?[0-9A-Za-zXNnx]{1,3}")
_DOTTED = re.compile(r"[0-9]{1,2}[·•・][0-9]{1,2}")
_TIMES = re.compile(r"[0-9]{1,5}[ ]?[*×xX][ ]?[0-9]{1,5}(?:小时|天)?")
_ADDRESS_IP = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){2,3}(?![0-9])")
_RATIO = re.compile(r"[0-9]{1,4}:(?:[0-9]|[0-9]{3,4}|[0-9]+\.[0-9]+)(?![0-9:])")
_VERSION = re.compile(r"(?:19|20)[0-9]{2}(?:年)?版|[0-9]{1,2}\.[0-9](?:\.[0-9])?[ ]?(?:版|版本)")
_HEAD_MARK = re.compile(r"[.、)．:](?![0-9])|[.、](?=(?:19|20)[0-9]{2}年)|[.](?=12345)")
_ZH_HEAD = re.compile(
    r"([一二三四五六七八九十]{1,3})(?:([、.．](?![一二三四五六七八九十]{1,3}[、级类]))|[是要则来](?![一-龥]{0,1}级))"
)
_SHORT_DIGITS = re.compile("[0-9]{1,2}")
_LABEL_DIGITS = re.compile("[0-9]{1,3}(?![0-9.,%])")
_ANY_DIGITS = re.compile("[0-9]+")
_GLUED = re.compile(r"([0-9]{1,2})\.[0-9]{1,5}[ ]?(?!万|亿)")
_OPENERS = frozenset('。;；:：!！?？\n “"”)）,，、…·')
_NOT_HEAD_AFTER = frozenset("统唯之第同单专万其划归合每")
_BRACKETED = re.compile(r"[(〔\[【〈<]([0-9]{1,3}|[一二三四五六七八九十]{1,3})[)〕\]】〉>]")
_ORDINAL = re.compile(r"[0-9]{1,5}(?:[-~至、](?:第)?[0-9]{1,5})?")
_RANKS = ("名", "位", "强", "列")
_LABEL_BEFORE = ("附件", "附表", "附图", "表", "图", "注", "附录", "序号", "编号", "专栏", "步骤", "方案")
_SECOND_LEVEL = ("号", "款", "批", "期", "季度", "届", "部分", "阶段", "方面", "大", "章", "项", "条")


def document_number(scan: Scan, at: int) -> Found | None:
    """国办发〔2019〕54号, 第711号令, 京ICP备…号."""
    text = scan.text
    if at > scan.floor and text[at - 1] in "〔[【(〈":
        match = _DOCUMENT.match(text, at - 1)
        if match:
            return Found(at - 1, match.end(), "document_number", _first_number(text, at))
    match = _PLAIN_NUMBER.match(text, at) or _ZH_NUMBER.match(text, at)
    if match is None or (at and text[at - 1] in "0123456789.-月日"):
        return None
    before = text[max(scan.floor, at - 2) : at]
    end = match.end()
    if before.endswith(_ADDRESS):
        return Found(at, end, "contact", _first_number(text, at))
    if before.endswith("第"):
        return Found(at - 1, end, "document_number", _first_number(text, at))
    if _CONTACT_CUE.search(text, max(0, at - 12), at):
        return Found(at, end, "contact", _first_number(text, at))
    return Found(at, end, "document_number" if match.group()[-1] != "号" else "ordinal", _first_number(text, at))


def fixed_name(scan: Scan, at: int) -> Found | None:
    """Words of ``not_metrics.yaml``, hotlines by number, 1+X, 7×24小时."""
    hit = name_at(scan.text, at, scan.floor)
    if hit is not None:
        name, start = hit
        return Found(start, start + len(name.text), name.kind, _first_number(scan.text, at), chinese=True)
    if not scan.text[at].isdigit():
        return None
    for pattern in (_PLUS, _DOTTED, _TIMES, _VERSION):
        match = pattern.match(scan.text, at)
        if match:
            return Found(at, match.end(), "name", _first_number(scan.text, at))
    ratio = _RATIO.match(scan.text, at)
    if ratio:
        return Found(at, ratio.end(), "marginal", _first_number(scan.text, at))
    match = _HOTLINE.match(scan.text, at)
    if match and not _digit_before(scan.text, at) and _counted(scan.text, at) is None:
        return Found(at, match.end(), "name", _first_number(scan.text, at))
    return None


def contact(scan: Scan, at: int) -> Found | None:
    """Telephone numbers, postcodes, web addresses, licence numbers."""
    text = scan.text
    if not text[at].isascii():
        return None
    if _digit_before(text, at):
        return None
    start = at - 1 if at > scan.floor and text[at - 1] == "(" else at
    match = _PHONE.match(text, start) or _PHONE.match(text, at)
    if match and _counted(text, at) is None:
        return Found(match.start(), match.end(), "contact", _first_number(text, at))
    match = _LONG_DIGITS.match(text, at)
    if match and _CONTACT_CUE.search(text, max(0, at - 16), at) and _counted(text, at) is None:
        return Found(at, match.end(), "contact", _first_number(text, at))
    match = _ADDRESS_IP.match(text, at)
    if match:
        return Found(at, match.end(), "name", _first_number(text, at))
    return None


def code(scan: Scan, at: int) -> Found | None:
    """Numbers inside Latin words (V2.0, PM2.5, A4, IE6.0) and web or mail addresses."""
    text = scan.text
    if not text[at].isascii() or not text[at].isdigit():
        return None
    left = at
    while left > scan.floor and at - left < 80 and text[left - 1] in _TOKEN_LEFT:
        left -= 1
    while text[left] in ".:/-+*=&#?":
        left += 1
    match = _TOKEN_CHARS.match(text, left)
    token = match.group() if match else ""
    if not any(c.isalpha() for c in token):
        return None
    end = left + len(token.rstrip(".:/-+*"))
    if _WEB.search(token):
        return Found(left, max(end, at + 1), "contact", _first_number(text, at))
    if left < at and any(c.isalpha() for c in text[left:at]):
        # "APP12个": the digits count when a measure word follows them.
        joined = text[at - 1].isascii() and (text[at - 1].isalpha() or text[at - 2 : at - 1].isalpha())
        counted = _counted(text, at)
        if joined and (counted is None or counted in ("级", "版", "分")):
            return Found(left, max(end, at + 1), "name", _first_number(text, at))
        return None
    return Found(left, max(end, at + 1), "name", _first_number(text, at)) if _counted(text, at) is None else None


def ordinal(scan: Scan, at: int) -> Found | None:
    """第20条, 第六期, 前三名, and the heads of lists: 一是, （一）, 一、, 1., ①."""
    text = scan.text
    if text[at] in "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩":
        return Found(at, at + 1, "ordinal", 0)
    before = text[at - 1] if at > scan.floor else ""
    if before == "第" or (before == " " and text[at - 2 : at - 1] == "第" and at - 2 >= scan.floor):
        return _numbered(scan, at)
    if before == "前" and (hit := _leading(scan, at)):
        return hit
    match = _BRACKETED.match(text, at - 1) if before and before in "(〔[【〈<" else None
    if match:
        return Found(at - 1, match.end(), "ordinal", _first_number(text, at))
    return _list_head(scan, at) or _labelled(scan, at)


def date(scan: Scan, at: int) -> Found | None:
    """Dates, years, months, clock times and rolling periods (近三年)."""
    text = scan.text
    if _digit_before(text, at):
        return None
    end = dates.date_at(text, at)
    if end is not None:
        return Found(at, end, "date", int(_first_number(text, at)))
    number = read_arabic(text, at) or read_chinese(text, at)
    if number is None:
        return None
    rolling = dates.rolling_period(text, at, number.end, scan.floor)
    if rolling is not None:
        return Found(*rolling, "date", number.value)
    if dates.plan_years(text, number.end):
        return Found(at, number.end + 1, "name", number.value, unit="年")
    year = dates.bare_year_at(text, at)
    if year is not None and _counted(text, at) is None:
        return Found(at, year, "date", number.value)
    return None


def leftover(scan: Scan, at: int) -> Found | None:
    """Digits nothing else explained are reported as marginal; Chinese numerals are part of some word."""
    number = read_arabic(scan.text, at)
    if number is not None:
        return Found(at, number.end, "marginal", number.value)
    digits = _ANY_DIGITS.match(scan.text, at)
    if digits:
        return Found(at, digits.end(), "name", 0)
    run = read_chinese(scan.text, at)
    return Found(at, run.digits_end if run else at + 1, None)


def _numbered(scan: Scan, at: int) -> Found:
    start = scan.text.rfind("第", scan.floor, at)
    match = _ORDINAL.match(scan.text, at)
    number = None if match else read_chinese(scan.text, at)
    end = match.end() if match else (number.digits_end if number else at + 1)
    if scan.text[end : end + 1] == " ":
        end += 1 if unit_at(scan.text, end + 1) else 0
    unit = unit_at(scan.text, end)
    if unit:
        end = unit[1]
    else:
        end += next((len(w) for w in _SECOND_LEVEL if scan.text.startswith(w, end)), 0)
    kind: QuantityKind = "date" if scan.text.startswith("季度", end - 2) else "ordinal"
    return Found(start, end, kind, _first_number(scan.text, at), unit=unit[0].name if unit else None)


def _leading(scan: Scan, at: int) -> Found | None:
    number = read_arabic(scan.text, at) or read_chinese(scan.text, at)
    if number is None:
        return None
    for rank in _RANKS:
        if scan.text.startswith(rank, number.end):
            return Found(at - 1, number.end + len(rank), "ordinal", number.value)
    if scan.text.startswith(("季度", "个月"), number.end):
        return Found(at - 1, number.end + 2, "date", number.value)
    return None


def _list_head(scan: Scan, at: int) -> Found | None:
    text = scan.text
    before = text[at - 1] if at else ""
    fresh = before == "" or before in _OPENERS
    match = _ZH_HEAD.match(text, at)
    if match:
        value = parse_chinese(match.group(1))
        if value is not None and (fresh if match.group(2) else before not in _NOT_HEAD_AFTER):
            return Found(at, match.end(1) + (0 if match.group(2) else 1), "ordinal", value)
    if not fresh:
        return None
    digits = _SHORT_DIGITS.match(text, at)
    mark = _HEAD_MARK.match(text, digits.end()) if digits else None
    if digits is None or mark is None:
        return _glued_head(scan, at)
    if mark.group() == ":" and before != "" and before not in "。\n":
        return None
    return Found(at, digits.end(), "ordinal", int(digits.group()))


def _glued_head(scan: Scan, at: int) -> Found | None:
    """ "。3.5个部门" is head 3 and 5个: things that come whole are not counted in decimals."""
    match = _GLUED.match(scan.text, at)
    if match is None or (at and scan.text[at - 1] not in "。;；!！\n"):
        return None
    unit = unit_at(scan.text, match.end())
    if unit is None or not unit[0].whole:
        return None
    return Found(at, match.end(1), "ordinal", int(match.group(1)))


def _labelled(scan: Scan, at: int) -> Found | None:
    """附件2, 表1: a label unless something is counted."""
    if not scan.text[max(scan.floor, at - 2) : at].endswith(_LABEL_BEFORE):
        return None
    digits = _LABEL_DIGITS.match(scan.text, at)
    if digits is None or _counted(scan.text, at) is not None:
        return None
    return Found(at, digits.end(), "ordinal", int(digits.group()))


def _first_number(text: str, at: int) -> float:
    number = read_arabic(text, at) or read_chinese(text, at)
    return number.value if number else 0


def _digit_before(text: str, at: int) -> bool:
    return at > 0 and text[at - 1] in "0123456789"


def _counted(text: str, at: int) -> str | None:
    """Return the measure word that follows the Arabic number at ``at``, or None."""
    number = read_arabic(text, at)
    if number is None:
        return None
    end = number.end + (text[number.end : number.end + 1] in tuple("余多 几来"))
    unit = unit_at(text, end)
    return unit[0].name if unit else None
