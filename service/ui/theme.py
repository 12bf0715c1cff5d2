"""How the pages look: colours, type, spacing, and the few parts that every page is made of (外观).

In: nothing. Out: one style sheet and small functions that make the same heading, card, note, chip or empty
state everywhere. Only fonts of the machine are named and nothing is loaded from elsewhere, so that the pages
work offline. Tailwind is off: its compiler in the browser costs more than a page may take to load. Use the
classes below and Quasar's own (``q-pa-sm``, ``row``, ``col``, ``text-caption`` …).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape

from nicegui import ui

COLOURS = {
    "primary": "#1f4e79",  # the blue of letterheads
    "secondary": "#4f6b84",
    "accent": "#a8322a",  # 朱红, sparingly
    "positive": "#2e7d4f",
    "negative": "#b3261e",
    "warning": "#b26a00",
    "info": "#2b6ea6",
}
CHART_COLOURS = ("#1f4e79", "#c07a2c", "#2e7d4f", "#a8322a", "#6a5a8c", "#3b8ea5", "#8a6d3b", "#5b6770")

FONT = (
    '"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC","WenQuanYi Micro Hei",'
    "system-ui,sans-serif"
)

CSS = (
    f":root{{--wh-font:{FONT}}}"
    + """
:root{--nicegui-default-padding:12px;--nicegui-default-gap:10px;
  --wh-ink:#1d2733;--wh-soft:#5a6775;--wh-line:#dde3e9;--wh-paper:#fff;--wh-ground:#f3f5f8;
  --wh-mark:#ffe9a8;--wh-blue:#1f4e79;--wh-tint:#e8eff6}
body,.q-btn,.q-field,.q-table,input,textarea{font-family:var(--wh-font)}
body{font-size:14px;line-height:1.6;color:var(--wh-ink);background:var(--wh-ground);letter-spacing:0}
h1,h2,h3,h4,p,ul,ol{margin:0}h1,h2,h3,h4{letter-spacing:0}
.q-btn--dense .q-icon{font-size:1.35em}
.nicegui-content{padding:0;gap:0;width:100%;max-width:none;align-items:stretch}
a{color:var(--wh-blue)}
.q-btn{text-transform:none;letter-spacing:0;font-weight:500}
.q-btn--dense{min-height:30px}
@layer overrides{:focus-visible:not(.q-field__native,.q-field__input,.cm-content,.wh-main){outline:2px solid #2b6ea6!important;
  outline-offset:2px}.wh-header :focus-visible{outline-color:#fff!important}}
.wh-skip{position:absolute;left:-999px;top:0;background:#fff;padding:6px 12px;z-index:9999}
.wh-skip:focus{left:8px}
.wh-header{background:var(--wh-blue);color:#fff;min-height:46px;padding:4px 12px;gap:10px;
  align-items:center;flex-wrap:nowrap}
.wh-brand{font-size:18px;font-weight:700;letter-spacing:2px;color:#fff;text-decoration:none;white-space:nowrap}
.wh-brand small{font-size:12px;font-weight:400;letter-spacing:0;opacity:.8;margin-left:8px}
.wh-header .wh-title{font-size:15px;opacity:.95;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.wh-nav{background:#fff;padding:10px 8px;gap:2px}
.wh-nav a{display:flex;align-items:center;gap:10px;padding:8px 10px;border-radius:6px;color:var(--wh-ink);
  text-decoration:none;width:100%}
.wh-nav a:hover{background:var(--wh-ground)}
.wh-nav a[aria-current=page]{background:var(--wh-tint);color:var(--wh-blue);font-weight:600}
.wh-nav .q-icon{font-size:20px;color:var(--wh-soft)}
.wh-nav a[aria-current=page] .q-icon{color:var(--wh-blue)}
.wh-main{padding:14px 16px 28px;gap:12px;width:100%;max-width:1280px;margin:0 auto;align-items:stretch}
.wh-main.wh-wide{max-width:none}
.wh-h1{font-size:19px;font-weight:700;line-height:1.35}
.wh-h2{font-size:15.5px;font-weight:600;line-height:1.4}
.wh-h3{font-size:14px;font-weight:600;line-height:1.45}
.wh-soft{color:var(--wh-soft)}
.wh-small{font-size:12.5px}
.wh-strong{font-weight:600}
.wh-card{background:#fff;border:1px solid var(--wh-line);border-radius:8px;padding:12px 14px;gap:8px;
  display:flex;flex-direction:column;align-items:stretch;width:100%;min-width:0}
.wh-row{display:flex;flex-direction:row;align-items:center;gap:8px;flex-wrap:wrap;width:100%}
.wh-tight{gap:4px}
.wh-grow{flex:1 1 140px;min-width:0}
.wh-push{margin-left:auto}
.wh-note{border-left:3px solid var(--wh-blue);background:var(--wh-tint);padding:8px 12px;border-radius:4px}
.wh-note.warn{border-color:#b26a00;background:#fdf3e3}
.wh-note.fail{border-color:#b3261e;background:#fcebea}
.wh-note.good{border-color:#2e7d4f;background:#e9f5ee}
.wh-empty{text-align:center;color:var(--wh-soft);padding:32px 12px;display:flex;flex-direction:column;
  align-items:center;gap:8px}
.wh-empty .q-icon{font-size:38px;opacity:.5}
.wh-chip{display:inline-flex;align-items:center;gap:4px;border:1px solid var(--wh-line);border-radius:14px;
  background:#fff;padding:1px 10px;font-size:13px;line-height:24px;white-space:nowrap}
.wh-chip.on{background:var(--wh-tint);border-color:#b9cbdc;color:var(--wh-blue)}
.wh-chip .q-btn{min-height:0;min-width:0;width:18px;height:18px}
.wh-chip.off{color:var(--wh-soft);text-decoration:line-through}
.wh-tag{display:inline-block;border-radius:4px;padding:0 6px;font-size:12px;line-height:20px;
  background:#edf1f5;color:var(--wh-soft);white-space:nowrap}
.wh-tag.good{background:#e3f2e9;color:#22613d}.wh-tag.warn{background:#fbeeda;color:#8a5200}
.wh-tag.fail{background:#fbe4e2;color:#962018}
.wh-cite{display:inline-block;min-width:20px;padding:0 4px;margin:0 1px;border-radius:4px;border:0;
  background:var(--wh-tint);color:var(--wh-blue);font:600 12px/18px var(--wh-font);cursor:pointer;
  vertical-align:1px}
.wh-cite:hover,.wh-cite[aria-pressed=true]{background:var(--wh-blue);color:#fff}
.wh-text{white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.85}
.wh-text mark{background:var(--wh-mark);color:inherit;padding:1px 0;border-radius:2px}
.wh-text .wh-damaged{background:#fbe4e2;text-decoration:underline wavy #b3261e 1px}
.wh-text .wh-heading{font-weight:600}
.wh-quote{border-left:2px solid var(--wh-line);padding-left:10px;color:#37424e;overflow-wrap:anywhere}
.wh-clamp{display:-webkit-box;-webkit-line-clamp:3;-webkit-box-orient:vertical;overflow:hidden}
.wh-panel{background:#fff;padding:0;gap:0}
.wh-panel-head{position:sticky;top:0;z-index:2;background:#fff;border-bottom:1px solid var(--wh-line);
  padding:10px 12px;width:100%;gap:6px;display:flex;flex-direction:column;align-items:stretch}
.wh-panel-body{padding:12px 14px;width:100%}
.q-drawer{max-width:100vw}
.wh-table{width:100%;background:#fff;border:1px solid var(--wh-line);border-radius:8px}
.wh-table .q-table th{font-weight:600;font-size:13px;color:var(--wh-soft);background:#f7f9fb}
.wh-table .q-table td,.wh-table .q-table th{padding:6px 10px;height:auto}
.wh-table .q-table td{font-size:13.5px;white-space:normal}
.wh-nowrap{white-space:nowrap!important}
.wh-grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:10px;width:100%}
.wh-two{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:12px;width:100%}
.wh-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0 0 0 0)}
.q-field--dense .q-field__control,.q-field--dense .q-field__marginal{min-height:36px}
.q-uploader{width:100%;max-height:none;box-shadow:none;border:1.5px dashed #b9c5d1;border-radius:8px}
.q-uploader__header{background:transparent;color:var(--wh-ink)}
.q-notification{max-width:560px;white-space:pre-line}
.wh-ask{display:flex;gap:14px;width:100%;min-height:calc(100vh - 90px);align-items:stretch}
.wh-talks{width:214px;flex:none;display:flex;flex-direction:column;gap:8px;position:sticky;top:58px;
  align-self:flex-start;max-height:calc(100vh - 76px);z-index:1}
.wh-talk-list{overflow-y:auto;display:flex;flex-direction:column;gap:1px}
.wh-talk{display:flex;align-items:center;border-radius:6px}
.wh-talk:hover{background:#e9edf2}.wh-talk.on{background:var(--wh-tint)}
.wh-talk-name{flex:1 1 0;min-width:0;color:var(--wh-ink)!important;font-weight:400}
.wh-talk-name .block{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.wh-talk-name .q-btn__content{flex-wrap:nowrap;justify-content:flex-start;min-width:0}
.wh-thread{flex:1 1 0;min-width:0;max-width:860px;margin:0 auto;display:flex;flex-direction:column;gap:10px}
.wh-turns{display:flex;flex-direction:column;gap:22px;flex:1 0 auto}
.wh-turn{display:flex;flex-direction:column;gap:8px}
.wh-question{align-self:flex-end;max-width:88%;background:var(--wh-blue);color:#fff;padding:7px 12px;
  border-radius:10px 10px 2px 10px;overflow-wrap:anywhere;white-space:pre-wrap}
.wh-answer{background:#fff;border:1px solid var(--wh-line);border-radius:10px;padding:12px 14px;display:flex;
  flex-direction:column;gap:8px}
.wh-said{font-size:15px;line-height:1.85;overflow-wrap:anywhere}.wh-said p+p{margin-top:6px}
.wh-tail{white-space:nowrap}
.wh-refused{color:#7a4a00}
.wh-live{background:#fff;border:1px dashed var(--wh-line);border-radius:10px;padding:10px 14px;font-size:15px;
  color:#44505c}
.wh-cards,.wh-sources{list-style:none;padding:0;display:flex;flex-direction:column;gap:6px}
.wh-evidence,.wh-source{display:block;width:100%;text-align:left;background:#fff;border:1px solid var(--wh-line);
  border-radius:6px;padding:6px 10px;font:inherit;font-size:13px;color:var(--wh-ink);cursor:pointer}
.wh-evidence:hover,.wh-source:hover{border-color:var(--wh-blue)}
.wh-evidence span,.wh-source span{color:var(--wh-soft);font-size:12.5px}
.wh-source{border:0;background:none;padding:2px 0;color:var(--wh-blue)}
.wh-sources .wh-quote{font-size:13px}
.wh-cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr))}
.wh-fold .q-item{padding:0;min-height:28px;color:var(--wh-soft);font-size:13px}
.wh-fold .nicegui-expansion-content{padding:2px 0}
.wh-chips{gap:6px}
.wh-bare{border:0;background:none;font:inherit;color:inherit;padding:0;cursor:pointer}
.wh-foot{position:sticky;bottom:0;z-index:1;display:flex;gap:8px;align-items:flex-end;background:var(--wh-ground);
  padding:8px 0 12px}
.wh-foot .q-field__control{background:#fff}
.wh-welcome{display:flex;flex-direction:column;gap:10px;padding:24px 0;align-items:stretch}
.wh-example .q-btn__content{justify-content:flex-start;text-align:left}
.wh-undo{position:fixed;left:50%;bottom:18px;transform:translateX(-50%);z-index:5000;background:#26323d;color:#fff;
  border-radius:8px;padding:6px 8px 6px 16px;display:flex;align-items:center;gap:12px;max-width:94vw;
  box-shadow:0 4px 16px #0005}
.wh-undo{width:max-content}.wh-undo .wh-grow{flex:0 1 auto}.wh-undo .q-btn{flex:none;white-space:nowrap}
.wh-files{list-style:none;padding:0;display:flex;flex-direction:column;gap:3px;max-height:300px;overflow-y:auto}
.wh-files li{display:flex;gap:8px;align-items:baseline;flex-wrap:wrap}
.wh-read{display:flex;gap:12px;width:100%;align-items:flex-start}
.wh-read .wh-text{font-size:15px}
.wh-outline{width:270px;flex:none;position:sticky;top:58px;max-height:calc(100vh - 76px);overflow-y:auto;gap:1px}
.wh-outline-line{width:100%;font-weight:400;color:var(--wh-ink)!important}
.wh-outline-line .q-btn__content{justify-content:flex-start;text-align:left;line-height:1.4}
@media (max-width:1023px){.wh-read{flex-direction:column}
  .wh-outline{width:100%;position:static;max-height:220px}}
.wh-code{font-family:ui-monospace,Consolas,monospace;background:#f0f3f6;border-radius:6px;padding:8px 12px;
  white-space:pre-wrap;overflow-wrap:anywhere}
.wh-tabs,.wh-panels{width:100%;min-width:0;max-width:100%}
.wh-tabs{border-bottom:1px solid var(--wh-line)}
.wh-panels{background:transparent}.wh-panels .q-tab-panel{padding:12px 0 0;align-items:stretch;gap:12px}
.q-btn-toggle .q-btn{padding:2px 12px}
.wh-drop .q-uploader__list{min-height:44px;padding:0 8px 6px}.wh-drop .q-uploader__subtitle{display:none}
.wh-paneled .wh-talks{display:none}
@media (max-width:1023px){.wh-ask{flex-direction:column}.wh-talks{width:100%;position:static;max-height:none}
  .wh-talk-list{max-height:260px;display:none}.wh-talks.open .wh-talk-list{display:flex}}
@media (min-width:1024px){.wh-narrow-only{display:none!important}}
@media (max-width:1023px){.wh-two{grid-template-columns:minmax(0,1fr)}}
@media (max-width:599px){.wh-main{padding:10px 10px 24px}.wh-card{padding:10px}
  .wh-brand small,.wh-wide-only{display:none!important}.wh-h1{font-size:17px}}
@media (min-width:600px){.wh-phone-only{display:none!important}}
@media print{.q-header,.q-drawer,.wh-noprint{display:none!important}.q-page-container{padding:0!important}}
"""
)


def dress() -> None:
    """Put colours and style sheet on the page that is being made."""
    ui.colors(**COLOURS)
    ui.add_css(CSS)


def heading(text: str, level: int = 1) -> ui.element:
    """A heading of level 1 to 3."""
    with ui.element(f"h{level}").classes(f"wh-h{level}") as made:
        ui.label(text).style("display:inline")
    return made


def soft(text: str, *, small: bool = True) -> ui.label:
    """Secondary text."""
    return ui.label(text).classes("wh-soft" + (" wh-small" if small else ""))


def tag(text: str, kind: str = "") -> ui.label:
    """A small label; ``kind`` is "", good, warn or fail."""
    return ui.label(text).classes(f"wh-tag {kind}")


@contextmanager
def card(title: str = "") -> Iterator[ui.element]:
    """A white box, with a heading where one is given."""
    with ui.element("section").classes("wh-card") as made:
        if title:
            heading(title, 2)
        yield made


@contextmanager
def row(classes: str = "") -> Iterator[ui.element]:
    """Things side by side that wrap where there is no room."""
    with ui.element("div").classes(f"wh-row {classes}") as made:
        yield made


def note(text: str, kind: str = "") -> ui.label:
    """A sentence that stands out; ``kind`` is "", good, warn or fail."""
    return ui.label(text).classes(f"wh-note {kind}").props("role=status")


@contextmanager
def empty(icon: str, text: str, more: str = "") -> Iterator[ui.element]:
    """What stands where nothing is yet; what can be done about it goes inside."""
    with ui.element("div").classes("wh-empty") as made:
        ui.icon(icon)
        ui.label(text).classes("wh-strong")
        if more:
            ui.label(more)
        yield made


def button(text: str, on_click: object = None, *, icon: str = "", kind: str = "") -> ui.button:
    """A button; ``kind`` is "" (outlined), main (filled), flat or danger."""
    made = ui.button(text, on_click=on_click, icon=icon or None)  # type: ignore[arg-type]
    look = {"": "outline", "main": "unelevated", "flat": "flat", "danger": "outline color=negative"}[kind]
    return made.props(f"dense no-caps {look} padding='3px 12px'")


def menu_item(text: str, on_click: Callable[..., object], *, role: str = "menuitem") -> ui.menu_item:
    """An entry of a menu, known as one to screen readers."""
    return ui.menu_item(text, on_click).props(f"role={role}")


def drop_box(field: ui.upload) -> ui.upload:
    """Name the parts of a box for files: its button, which a keyboard reaches, and the field that takes the files."""
    label = escape(str(field.props["label"]))
    field.add_slot("header", _DROP.replace("LABEL", label))
    return field.props(f'aria-label="{label}"')


# Quasar's own header puts the field into the button, where neither has a name.
_DROP = """
<div class="q-uploader__header-content"><div class="flex flex-center no-wrap q-gutter-xs">
<q-spinner v-if="props.isUploading" class="q-uploader__spinner" />
<div class="col column justify-center"><div class="q-uploader__title">LABEL</div></div>
<q-btn v-if="props.canAddFiles" flat dense icon="add" aria-label="选择文件：LABEL" @click="props.pickFiles" />
<span class="wh-hidden"><q-uploader-add-trigger aria-label="LABEL" /></span></div></div>
"""


def tick_boxes(table: ui.table) -> None:
    """Name the boxes that choose the rows of a table, by the titles of the rows."""
    table.add_slot("header-selection", '<q-checkbox v-model="props.selected" dense aria-label="全选" />')
    row = '<q-checkbox v-model="props.selected" dense :aria-label="`选择 ${props.row.title}`" />'
    table.add_slot("body-selection", row)


def icon_button(icon: str, name: str, on_click: object = None) -> ui.button:
    """A button that shows an icon only; ``name`` is what screen readers and the tool tip say."""
    made = ui.button(icon=icon, on_click=on_click)  # type: ignore[arg-type]
    made.props("flat round dense size=sm")
    made.props["aria-label"] = name  # not in the text of props: a quotation mark in a name would end it
    with made:
        ui.tooltip(name)
    return made
