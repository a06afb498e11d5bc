"""Copied sentences: which are found, of what kind, and what counts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.pipeline.cross.duplicates import Copies, duplicate_text, jaccard
from gongkai.pipeline.cross.sentences import read_sentence, sentences_of
from gongkai.pipeline.cross.settings import default_settings

SETTINGS = default_settings().duplicate
# Sentences that share no wording.
OWN = [
    "严格落实公文公开属性源头认定，拟文时同步标注公开方式",
    "新闻发布厅邀请记者走进水利工地，讲解防汛物资储备",
    "档案馆整理历史图纸，扫描后放入查询终端供居民翻阅",
    "对听证代表提出的质疑，由经办科室当场解释并记录在册",
    "窗口人员轮岗培训结束后参加笔试，成绩贴在公告墙上",
    "村务监督小组逐笔核验票据，遇到涂改便退回重开",
    "校车线路调整前征求家长看法，司机名单张榜告知",
    "菜市场检测台把农药残留结果写上黑板，摊主签字确认",
    "林区巡护队用对讲机播报火险等级，提醒游客熄灭烟蒂",
    "图解稿件请退休教师试读，读不懂的段落推倒重写",
]


def sentences(texts):
    return [read_sentence(f"p{number}", text) for number, text in enumerate(texts, 1)]


def kind_of(current, previous):
    match = Copies(sentences([previous]), SETTINGS).find(read_sentence("p1", current))
    return match.kind if match else None


@pytest.mark.parametrize(
    ("current", "previous", "kind"),
    [
        (
            "严格落实公文公开属性源头认定，拟文时同步标注。",
            "严格落实公文公开属性源头认定,拟文时 同步标注；",
            "verbatim",
        ),
        (
            "2022年，我局召开新闻发布会34场，在线访谈11次。",
            "2021年，我局召开新闻发布会34场，在线访谈11次。",
            "new_date",
        ),
        (
            "2022年，我局召开新闻发布会40场，在线访谈11次。",
            "2021年，我局召开新闻发布会34场，在线访谈11次。",
            "new_figures",
        ),
        (
            "我局全年召开新闻发布会四十场，参加在线访谈。",
            "我局全年召开新闻发布会三十四场，参加在线访谈。",
            "new_figures",
        ),
        ("公开信息1,204条，办理建议提案并按时答复。", "公开信息1204条，办理建议提案并按时答复。", "verbatim"),
        ("群众满意度达到98.5%，比上年有所提高并保持。", "群众满意度达到985%，比上年有所提高并保持。", "new_figures"),
        (
            "进一步严格落实公文公开属性源头认定制度，拟文时同步标注主动公开方式。",
            "严格落实公文公开属性源头认定制度，拟文时同步标注主动公开方式。",
            "edited",
        ),
        (
            "进一步严格落实公文公开属性源头认定制度，拟文时同步标注主动公开方式5件。",
            "严格落实公文公开属性源头认定制度，拟文时同步标注主动公开方式3件。",
            "new_figures",
        ),
        ("菜市场检测台把农药残留结果写上黑板。", "林区巡护队用对讲机播报火险等级，提醒游客。", None),
        (
            "落实《政务公开要点》（国办发〔2022〕8号），逐项分解任务到科室。",
            "落实《政务公开要点》（国办发〔2021〕12号），逐项分解任务到科室。",
            "new_date",
        ),
    ],
)
def test_kinds(current, previous, kind):
    assert kind_of(current, previous) == kind


def test_the_closest_of_several_is_taken():
    previous = sentences(
        ["我局召开新闻发布会34场，在线访谈11次。", "我局召开新闻发布会40场，在线访谈11次。", "别的话说了很多很多遍。"]
    )
    match = Copies(previous, SETTINGS).find(read_sentence("p9", "我局召开新闻发布会40场，在线访谈11次。"))
    assert (match.kind, match.previous.paragraph, match.overlap) == ("verbatim", "p2", 1.0)


def test_overlap_just_below_the_threshold_is_no_copy():
    current, previous = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉", "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午亥戌天"
    left, right = read_sentence("a", current), read_sentence("b", previous)
    overlap = jaccard(left.shingles, right.shingles)
    assert 0.7 < overlap < 0.8
    assert kind_of(current, previous) is None
    lower = SETTINGS.model_copy(update={"similarity": overlap})
    assert Copies([right], lower).find(left).overlap == overlap


CHARACTERS = "依法主动公开政府信息条例群众关切回应解读平台建设监督保障机制水利教育"


@given(st.integers(0, 10**9))
def test_minhash_proposes_whatever_the_exact_overlap_accepts(seed):
    """Banding may propose too much, never too little: against all pairs compared exactly."""
    rng = random.Random(seed)
    previous = ["".join(rng.choices(CHARACTERS, k=rng.randint(15, 60))) for _ in range(6)]
    current = []
    for text in previous:
        edited = list(text)
        for _ in range(rng.randint(0, 4)):
            edited[rng.randrange(len(edited))] = rng.choice(CHARACTERS)
        current.append("".join(edited))
    known, looked_up = sentences(previous), Copies(sentences(previous), SETTINGS)
    for sentence in sentences(current):
        exact = max(jaccard(sentence.shingles, other.shingles) for other in known)
        match = looked_up.find(sentence)
        assert (match is not None) == (exact >= SETTINGS.similarity)
        assert match is None or match.overlap == exact


@given(st.permutations(list(range(len(OWN)))))
def test_the_order_of_last_years_sentences_changes_nothing(order):
    previous = [OWN[i] for i in order]
    current = sentences([text + "并长期坚持" for text in OWN])
    plain = duplicate_text(sentences(OWN), current, 2021, SETTINGS)[0]
    assert duplicate_text(sentences(previous), current, 2021, SETTINGS)[0] == plain


def test_share_and_message():
    current = [*OWN[:6], "办事大厅增设夜间服务，工人下班后也能递交材料", "社区公示栏改用防雨材料，纸张不再受潮卷曲"]
    check, copies = duplicate_text(sentences(OWN), sentences(current), 2021, SETTINGS)
    assert (check.rule, check.status, check.actual) == ("duplicate.text", "failed", 0.75)
    assert check.message == "8 句中有 6 句（75.0%）沿用2021年报告，超过 50%：逐字相同 6 句"
    assert check.operands["sentences"] == 8
    assert check.operands["verbatim"] == 6
    assert check.operands["copied_characters"] == sum(map(len, OWN[:6]))
    longest = max(OWN[:6], key=len)
    assert check.evidence == copies[0].text == longest
    assert check.paragraph == copies[0].paragraph
    assert [len(copy.text) for copy in copies] == sorted((len(copy.text) for copy in copies), reverse=True)


def test_the_limit_itself_is_allowed_and_can_be_set():
    current = [*OWN[:4], *(text[::-1] for text in OWN[4:8])]
    assert duplicate_text(sentences(OWN), sentences(current), 2021, SETTINGS)[0].status == "passed"
    stricter = default_settings().with_max_share(0.49).duplicate
    assert duplicate_text(sentences(OWN), sentences(current), 2021, stricter)[0].status == "failed"


def test_this_years_figures_in_last_years_words_are_told_and_do_not_count():
    previous = [f"{text}{number}次" for number, text in enumerate(OWN, 10)]
    current = [f"{text}{number}次" for number, text in enumerate(OWN, 50)]
    check, copies = duplicate_text(sentences(previous), sentences(current), 2021, SETTINGS)
    assert (check.status, check.actual, check.operands["new_figures"]) == ("passed", 0, 10)
    assert "另有仅改数字 10 句，不计入" in check.message
    assert {copy.kind for copy in copies} == {"new_figures"}
    assert check.evidence is None


def test_copies_that_count_are_listed_first():
    previous = [*OWN[:8], "这一句虽然很长很长而且一直写下去但只是换了数字所以不应当排在前面，共计12次"]
    current = [*OWN[:8], "这一句虽然很长很长而且一直写下去但只是换了数字所以不应当排在前面，共计99次"]
    copies = duplicate_text(sentences(previous), sentences(current), 2021, SETTINGS)[1]
    assert [copy.kind for copy in copies] == ["verbatim"] * 8 + ["new_figures"]


def test_a_few_sentences_make_no_share():
    check, copies = duplicate_text(sentences(OWN[:7]), sentences(OWN), 2021, SETTINGS)
    assert (check.status, copies) == ("not_applicable", [])
    assert "2021年7句，本年10句" in check.message


@pytest.mark.parametrize(
    "text",
    [
        "本报告根据《中华人民共和国政府信息公开条例》要求编制。",
        "根据《中华人民共和国政府信息公开条例》第五十条规定，现将2022年政府信息公开工作情况报告如下：",
        "本报告中所列数据的统计期限自2022年1月1日起至2022年12月31日止。",
        "本报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况等六部分组成。",
        "本报告的电子版可在安源区人民政府门户网站查阅和下载。",
        "如对本报告有疑问，请与安源区人民政府办公室联系。",
        "联系电话：0799-6661234，地址：萍乡市安源区凤凰街1号。",
        "本年度没有其他需要报告的事项，特此说明情况。",
        "本年度未收到政府信息公开申请，也未发生行政复议和行政诉讼。",
        "我局2022年未收取政府信息公开信息处理费。",
    ],
)
def test_statutory_sentences_do_not_count(summary, text):
    assert sentences_of(summary(paragraphs=[text]), default_settings()) == []


def test_short_sentences_and_attachments_do_not_count(summary):
    report = summary(paragraphs=["加强组织领导。" + OWN[0] + "。成效明显，2022年12月31日，1234567890条。", OWN[1]])
    report.paragraphs[1].section = "s2"
    assert [sentence.text for sentence in sentences_of(report, default_settings())] == [OWN[0] + "。"]


def test_ordinary_sentences_that_speak_of_the_regulation_count(summary):
    text = "组织各单位学习《中华人民共和国政府信息公开条例》并开展业务测试，参加人员成绩良好。"
    assert len(sentences_of(summary(paragraphs=[text]), default_settings())) == 1


@given(st.text(max_size=80))
def test_any_text_is_read(text):
    sentence = read_sentence("p1", text)
    assert sentence.shingles
    assert read_sentence("p1", text) == sentence
