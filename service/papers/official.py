"""The parts of an official document around its text (公文要素): what the user chose of them, checked.

In: names, numbers and days as the user typed them. Out: :class:`Official`, each part as GB/T 9704-2012 has it
written: the year of a 发文字号 in 〔〕, no mark after the name of an 附件. A form that the standard does not know is
refused with the right one named; nothing is corrected silently but marks at the end, which every office types
differently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from corpus.errors import InputError
from corpus.numeral_values import flatten
from service.papers.presenting import clean

NUMBER = re.compile(r"[\u4e00-\u9fff]{1,16}〔(?:19|20)\d{2}〕[1-9]\d{0,4}号")
_CLOSE = re.compile(
    r"(?P<office>[\u4e00-\u9fff]{1,16})[字]?第?[〔\[(【「{<《]?(?P<year>(?:19|20)\d{2})年?[〕\])】」}>》]?[-第]*0*"
    r"(?P<number>[1-9]\d{0,4})号?"
)
_LABELLED = re.compile(r"^(?:附件\s*\d{0,2}\s*[.．、:：]|\d{1,2}\s*[.．、](?!\d))\s*")
_END = "。；;，,、：: "
MOST_NAME = 8  # characters of a 签发人
MOST_HEAD = 30  # characters of a 发文机关标志: beyond, a line of it would be smaller than the title


@dataclass(frozen=True, slots=True)
class Official:
    """Which official parts a Word file gets; each is left out where it is empty.

    ``head`` is printed in red as it is (青岭县卫生健康局文件). ``printed`` falls back to ``day``; 版记 is there where
    ``copies`` or ``printer`` is given.

    Raises:
        InputError: a part has a form that the standard does not know.
    """

    office: str = ""  # 署名
    day: date | None = None  # 成文日期
    head: str = ""  # 发文机关标志 (红头)
    number: str = ""  # 发文字号
    signer: str = ""  # 签发人, several with 、; only a document to a superior names them
    addressee: str = ""  # 主送机关
    attachments: tuple[str, ...] = ()  # 附件
    copies: str = ""  # 抄送
    printer: str = ""  # 印发机关
    printed: date | None = None  # 印发日期

    def __post_init__(self) -> None:
        if self.number and not NUMBER.fullmatch(clean(self.number)):
            raise _wrong_number(clean(self.number))
        if len(clean(self.head)) > MOST_HEAD:
            raise InputError(
                f"发文机关标志有{len(clean(self.head))}个字，一行排不下",
                where=f"红头“{clean(self.head)[:20]}…”",
                remedy=f"请用规范化简称，不超过{MOST_HEAD}个字",
            )
        if clean(self.signer) and not self.number:
            raise InputError(
                "有签发人，没有发文字号；签发人写在发文字号的右边",
                where=f"签发人“{clean(self.signer)[:20]}”",
                remedy="请填写发文字号，或去掉签发人（只有上行文才写）",
            )
        long = next((name for name in self.signers if len(name) > MOST_NAME), "")
        if long:
            raise InputError(
                f"签发人的姓名有{len(long)}个字",
                where=f"签发人“{long[:20]}”",
                remedy=f"请只写姓名，不超过{MOST_NAME}个字，几个人之间用顿号",
            )

    @property
    def signers(self) -> tuple[str, ...]:
        """The names of those who signed (签发人)."""
        text = re.sub(r"^签发人\s*[：:]\s*", "", clean(self.signer))
        return tuple(name for part in re.split(r"[、，,；;/]+", text) if (name := part.strip(_END)))

    @property
    def formal(self) -> bool:
        """Whether there is more than 署名 and 成文日期."""
        return self.closes or bool(self.head or self.number or self.addressee or self.attachments)

    @property
    def closes(self) -> bool:
        """Whether there is a 版记."""
        return bool(clean(self.copies) or clean(self.printer))

    def written(self) -> Official:
        """Each part as it is printed: on one line, without the marks that the layout sets itself."""
        return replace(
            self,
            office=clean(self.office),
            head=clean(self.head),
            number=clean(self.number),
            signer="、".join(self.signers),
            addressee=clean(self.addressee).rstrip(_END),
            attachments=tuple(filter(None, map(_attachment, self.attachments))),
            copies=re.sub(r"^抄送\s*[：:]\s*", "", clean(self.copies)).rstrip(_END),
            printer=clean(self.printer).rstrip(_END),
            printed=self.printed or self.day,
        )


def day_text(day: date | None) -> str:
    """2023年1月5日: Arabic, no leading zeros; "" for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _attachment(name: str) -> str:
    """The name of an attachment without the number that the list gives it, and without a mark at its end."""
    return _LABELLED.sub("", clean(name)).rstrip(_END)


def _wrong_number(number: str) -> InputError:
    """The refusal of a 发文字号, with the form that was probably meant."""
    flat = "".join(flatten(number).split())
    meant = _CLOSE.fullmatch(flat)
    example = (
        f"{meant['office'].rstrip('字第')}〔{meant['year']}〕{meant['number']}号"
        if meant
        else "青卫发〔2017〕193号"
    )
    return InputError(
        "发文字号的写法不合规定：应为机关代字、六角括号〔〕括入的四位年份、不编虚位的序号和“号”",
        where=f"发文字号“{number[:30]}”",
        remedy=f"请写成“{example}”这样",
    )
