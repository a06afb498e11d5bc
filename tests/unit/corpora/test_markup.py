"""The written form of the corpus compiles, and what does not hold is refused with its line."""

import pytest

from gongkai.corpora.markup import MarkupError, parse

HEAD = """id: qinghe-2021
authority: 清河县人民政府
region: 清河县
level: county
trade: government
year: 2021
form: 2021
style: clean
hand: w0
"""
BODY = """
# overview | 一、总体情况
## （一）主动公开
- / proactive_disclosure: （一）主动公开

healthcare / proactive_disclosure: [o:县卫健局]公开疫情信息{320余条|疫情信息公开数|c=gt;p=全年}。
*finance,planning / interpretation: 解读{45篇|政策解读|w=解读}，依据《清河县办法》（清府办〔2021〕5号）；
~ - / -: 得到好评。

### 1.平台
- / platforms: 办结{6.5万件|办件量|v=65000;u=件}，占{三分之二|占比|v=0.6667;u=-}。
"""


def test_compiles():
    report, paragraphs = parse(HEAD + BODY, "qinghe-2021", "train")
    assert (report.id, report.split, report.year) == ("qinghe-2021", "train", 2021)
    heading, first, second = paragraphs
    assert heading.text == "（一）主动公开"
    assert first.text == "县卫健局公开疫情信息320余条。解读45篇，依据《清河县办法》（清府办〔2021〕5号）；得到好评。"
    assert (first.section, first.path) == ("overview", ["（一）主动公开"])
    assert second.path == ["（一）主动公开", "1.平台"]
    assert [first.text[s.start : s.end] for s in first.sentences] == [
        "县卫健局公开疫情信息320余条。",
        "解读45篇，依据《清河县办法》（清府办〔2021〕5号）；",
        "得到好评。",
    ]
    assert [s.enumeration for s in first.sentences] == [False, True, False]
    assert [s.template for s in first.sentences] == [False, False, True]
    count, read = first.metrics
    assert (count.text, count.value, count.unit, count.comparator, count.period) == ("320余条", 320, "条", "gt", "全年")
    assert first.text[slice(*read.words)] == "解读"
    assert [(m.value, m.unit) for m in second.metrics] == [(65000, "件"), (0.6667, None)]
    assert [(e.type, e.text) for e in first.entities] == [
        ("ORG", "县卫健局"),
        ("DOCUMENT", "《清河县办法》"),
        ("DOCUMENT_NUMBER", "清府办〔2021〕5号"),
    ]
    for paragraph in paragraphs:
        for mention in paragraph.mentions:
            assert paragraph.text[mention.start : mention.end] == mention.text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("healthcare 公开信息。", "DOMAINS / ACTIVITIES: TEXT"),
        ("health / -: 公开信息。", "unknown"),
        ("finance,finance / -: 公开信息。", "repeated"),
        ("- / -: 公开{12条}。", "MENTION|INDICATOR"),
        ("- / -: 公开{十二条|信息}。", "give v= and u="),
        ("- / -: 公开{6万条|信息}。", "give v= and u="),
        ("- / -: 公开{320余条|信息}。", "give c="),
        ("- / -: 公开{320余条|信息|c=more}。", "no comparator"),
        ("- / -: 公开{12条|信息|z=1}。", "no key=value"),
        ("- / -: 公开{12条|信息|v=many;u=条}。", "many"),
        ("- / -: 公开{12条|信息。", "stray"),
        ("- / -: 公开[x:甲]。", "stray"),
        ("# nonsense | 一、", "no kind of section"),
        ("#### 太深", "skips a level"),
    ],
)
def test_refuses(line, says):
    with pytest.raises(MarkupError, match=r"qinghe-2021:11: .*") as caught:
        parse(HEAD + "\n" + line + "\n", "qinghe-2021", "train")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace("year: 2021", "year: soon"),
        HEAD.replace("id: qinghe-2021", "id: other"),
        HEAD + "colour: red\n",
        "x\n",
    ],
)
def test_refuses_a_wrong_head(head):
    with pytest.raises(MarkupError):
        parse(head + BODY, "qinghe-2021", "train")
