"""The syllables of Mandarin (汉语拼音) and the readings of characters that scrapers annotate.

In: a written syllable. Out: whether it is one. The list is what tells pinyin noise such as (wèi) from
abbreviations such as (CT), (mg) or (TB).
"""

from __future__ import annotations

import unicodedata

_TONES = "\u0300\u0301\u0304\u030c"  # grave, acute, macron, caron
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜĀÁǍÀĒÉĚÈŌÓǑÒńňǹḿ"

LETTERS = f"a-zA-Zɡɑü{_TONED}{_TONES}\u0308"
"""Body of a regular-expression class of everything that pinyin is written with."""

# Initial → the finals that it combines with.
_TABLE = {
    "": "a o e ai ei ao ou an en ang eng er",
    "b": "a o ai ei ao an en ang eng i ie iao ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i ie iao ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an en ang eng ong i ia ie iao iu ian ing u uo ui uan un",
    "t": "a e ai ei ao ou an ang eng ong i ie iao ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan un ü üe v ve",
    "l": "a o e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un ü üe v ve",
    "g": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "k": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "q": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "x": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "zh": "a e i ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "ch": "a e i ai ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "sh": "a e i ai ei ao ou an en ang eng u ua uo uai ui uan un uang",
    "r": "e i ao ou an en ang eng ong u ua uo ui uan un",
    "z": "a e i ai ei ao ou an en ang eng ong u uo ui uan un",
    "c": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "s": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "y": "a o e ai ao ou an ang ong i in ing u ue uan un",
    "w": "a o ai ei an en ang eng u",
}

SYLLABLES = frozenset(initial + final for initial, finals in _TABLE.items() for final in finals.split())

# Characters whose traditional form such pages annotate, with their syllable.
_READINGS = """
醫yī 衛wèi 發fā 業yè 統tǒng 優yōu 現xiàn 創chuàng 聯lián 穩wěn 續xù 態tài 數shù 戰zhàn 監jiān 執zhí 鄉xiāng
區qū 協xié 規guī 養yǎng 鎮zhèn 環huán 節jié 學xué 設shè 應yīng 縣xiàn 實shí 機jī 際jì 績jì 計jì 進jìn 認rèn
還hái 難nán 開kāi 領lǐng 顯xiǎn 個gè 們men 麼me 內nèi 後hòu 經jīng 導dǎo 將jiāng 層céng 擔dān 當dāng 務wù
辦bàn 這zhè 為wéi 會huì 來lái 時shí 國guó 動dòng 長zhǎng 關guān 產chǎn 質zhì 體tǐ 過guò 強qiáng 單dān 員yuán
寫xiě 參cān 歷lì 壓yā 廳tīng 廠chǎng 廣guǎng 從cóng 儀yí 億yì 範fàn 標biāo 準zhǔn 歸guī 錄lù 樹shù 權quán
網wǎng 藥yào 護hù 術shù 診zhěn 療liáo 聽tīng 觀guān 覺jué 讀dú 調diào 論lùn 證zhèng 評píng 識shí 試shì
課kè 請qǐng 諸zhū 讓ràng 費fèi 資zī 賽sài 贏yíng 輕qīng 輸shū 辭cí 違wéi 遠yuǎn 適shì 選xuǎn 邊biān 鄰lín
鋼gāng 錢qián 鍵jiàn 鏈liàn 陽yáng 隊duì 階jiē 陸lù 陳chén 險xiǎn 隨suí 隱yǐn 離lí 電diàn 項xiàng 順shùn
預yù 題tí 願yuàn 類lèi 風fēng 飛fēi 館guǎn 馬mǎ 驗yàn 黨dǎng 齊qí 築zhù 組zǔ 織zhī 結jié 給gěi 維wéi 綜zōng
總zǒng 緊jǐn 縮suō 練liàn 線xiàn 構gòu 樣yàng 檢jiǎn 檔dàng 樓lóu 極jí 歲suì 滿mǎn 漢hàn 濟jì 營yíng 獎jiǎng
獨dú 獲huò 確què 礎chǔ 禮lǐ 種zhǒng 積jī 稱chēng 窮qióng 競jìng 筆bǐ 簡jiǎn 簽qiān 糧liáng 紀jì 約yuē 級jí
補bǔ 製zhì 複fù 視shì 記jì 訓xùn 訪fǎng 許xǔ 詢xún 話huà 語yǔ 說shuō 談tán 責zé 貧pín 貫guàn 貴guì 買mǎi
"""


def bare(syllable: str) -> str:
    """The syllable in lower case without its tone mark: "Wèi" → "wei"."""
    apart = unicodedata.normalize("NFD", syllable.lower().replace("ɡ", "g").replace("ɑ", "a"))
    return unicodedata.normalize("NFC", "".join(c for c in apart if c not in _TONES))


def is_toned(syllable: str) -> bool:
    """Whether ``syllable`` is a valid syllable with exactly one tone mark."""
    apart = unicodedata.normalize("NFD", syllable)
    return sum(c in _TONES for c in apart) == 1 and bare(syllable) in SYLLABLES


READINGS = {item[0]: bare(item[1:]) for item in _READINGS.split()}
"""Character → toneless syllable."""
