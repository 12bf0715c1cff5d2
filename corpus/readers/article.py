"""Which part of a web page is the document, and what is only around it.

In: a parsed page. Out: the nodes that hold the main text, after the decoration is gone. First the
containers that the publishing systems of official sites and of document-sharing sites use, then the
smallest block that still holds most of the text outside links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

# One line a publishing system, most specific first; the first with enough text wins.
_CONTAINERS = (
    ".TRS_Editor, .trs_editor_view, .TRS_UEDITOR, .Custom_UnionStyle",  # 拓尔思
    "#UCAP-CONTENT, .pages_content",  # 政府网站集约化平台
    "#zoom, #Zoom, #zoomcon, #fontzoom, #font_zoom",
    "#vsb_content, .v_news_content, #vsb_content_2",  # 博达
    ".wp_articlecontent, .Article_Content",  # 苏迪
    "#js_content, .rich_media_content",  # 微信公众号
    ".zwxl-content, .zwxl_content, .zwxl, .zw-content, .zhengwen, #zhengwen",
    ".xxgk_content, .xxgk-content, .xxgkContent, .xxgk-detail",
    ".article-content, .article_content, #article-content, .articleContent, #articleContent",
    ".article-body, .article_body, .article-con, .article_con, #article_con, .arc_content",
    ".news_content, .news-content, .newsContent, .news_con, #newsContent, .detail-content, .detail_con",
    ".bt-content, .content_body, .content-body, .main-content, .con_text, .text_con, #mainText",
    ".doc-content, .doc_content, .doc-text, .reader-txt-layer, .reader-word-layer, .page-content",  # 文库
    "#docContent, #content_views, .fanwen-content, .wenzhang, .txtcont, .arttext",  # 范文网
    "[itemprop=articleBody], article",
    "#content, .content",
)
_DEAD = (
    "script, style, noscript, template, iframe, object, embed, svg, canvas, audio, video, button,"
    " select, textarea, input, rt, rp, link, meta, dialog"
)
_AROUND = "nav, footer, aside, form, header, [hidden], [aria-hidden=true], [role=navigation]"
_AROUND_NAME = re.compile(
    r"(?<![a-z])(nav|navbar|footer|foot|sidebar|side|breadcrumbs?|crumbs?|related|recommend|relate"
    r"|share|bdshare\w*|comments?|copyright|pagination|pager|pages?bar|toolbar|tools|hot|rank|advert"
    r"|ads?|banner|menu|login|search|qrcode|xgwz|xgxx|xgyd|xiangguan|xglj|xgjd|wzlj|fenxiang|dibu"
    r"|daohang|pinglun|prev\w*next|shangyipian|xiayipian|upload|download|feedback)(?![a-z])",
    re.I,
)
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "html body div section article main td th tr tbody table center form dl dd ul li",
    )
)
_SPACE = re.compile(r"\s+")
_ENOUGH = 60  # characters that a known container must hold
_ENOUGH_SHARE = 0.25  # and its share of the page's text outside links
_MINOR = 0.3  # share of the page's text: what holds more is never taken for decoration
_DENSE = 0.7  # share of its parent's text that makes a block the better choice
_MIN_LINKS, _LINK_SHARE = 3, 0.6  # of a list of links
_INDEX = 0.6  # share of the page's text: a longer list of links is the page itself


def find(page: LexborHTMLParser) -> list[LexborNode]:
    """The nodes of the main text, in order; decoration is removed from the page."""
    for node in page.css(_DEAD):
        node.decompose()
    if page.body is None:
        return []
    _drop_around(page.body)
    _drop_link_lists(page.body)
    total = _prose(page.body)
    for selector in _CONTAINERS:
        nodes = list(_outermost(page.body.css(selector)))
        size = sum(map(_prose, nodes))
        if size >= _ENOUGH and size >= _ENOUGH_SHARE * total:
            return nodes
    return [_densest(page.body)]


def size(node: LexborNode) -> int:
    """Characters of a node but white space."""
    return len(_SPACE.sub("", node.text(deep=True)))


def _prose(node: LexborNode) -> int:
    """Characters outside links."""
    return size(node) - sum(size(link) for link in node.css("a") if link.mem_id != node.mem_id)


def _drop_around(body: LexborNode) -> None:
    """Remove navigation, footers and the like, unless most of the text is in there.

    Old official sites wrap the whole page in a form, and sharing sites hide the whole text first.
    """
    bound = _MINOR * size(body)
    suspects = [*body.css(_AROUND), *(n for n in body.css("[class], [id], [style]") if _looks_around(n))]
    gone: set[int] = set()
    for node in suspects:
        if node.mem_id in gone or node.mem_id == body.mem_id:
            continue
        if size(node) < bound and node.css_first("h1") is None:
            gone.update(child.mem_id for child in node.traverse())
            gone.add(node.mem_id)
            node.remove()


def _looks_around(node: LexborNode) -> bool:
    """Whether name or style of an element tell that it is decoration or not shown."""
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return bool(_AROUND_NAME.search(names) or _UNSEEN.search(attributes.get("style") or ""))


def _drop_link_lists(body: LexborNode) -> None:
    """Remove lists that are mostly links: related documents, categories."""
    bound = _INDEX * size(body)
    for node in body.css("ul, ol, dl, div, p"):
        if node.parent is None:
            continue
        links = node.css("a")
        if len(links) >= _MIN_LINKS:
            whole, linked = size(node), sum(map(size, links))
            if linked >= _LINK_SHARE * whole and whole < max(bound, 1):
                node.remove()


def _outermost(nodes: list[LexborNode]) -> Iterator[LexborNode]:
    """The nodes that lie in no other of them."""
    found = {node.mem_id for node in nodes}
    for node in nodes:
        parent = node.parent
        while parent is not None and parent.mem_id not in found:
            parent = parent.parent
        if parent is None:
            yield node


def _densest(body: LexborNode) -> LexborNode:
    """Descend as long as one block holds most of the text outside links."""
    node, share = body, _prose(body)
    while share:
        blocks = [child for child in node.iter() if child.tag in _BLOCKS]
        best = max(blocks, key=_prose, default=None)
        if best is None or _prose(best) < _DENSE * share:
            break
        node, share = best, _prose(best)
    return node
