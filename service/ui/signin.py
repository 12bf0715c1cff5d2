"""The page for signing in: plain HTML, which asks the API and goes on to where the user wanted to (登录).

In: the house and where to go afterwards. Out: a page that needs no socket. Name and password go in the body of one request
and stand in no address.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.http.guard import SIGN_IN, next_page
from service.ui.theme import FONT

if TYPE_CHECKING:
    from service.house import House

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>登录 · 文衡</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;background:#f3f5f8;
  color:#1d2733;font:15px/1.6 %(font)s}
main{background:#fff;border:1px solid #dde3e9;border-top:4px solid #1f4e79;border-radius:8px;padding:28px 32px;
  width:min(400px,92vw);box-sizing:border-box}
h1{margin:0;font-size:24px;letter-spacing:3px;color:#1f4e79}
p{margin:2px 0 16px;color:#5a6775;font-size:13px}
label{display:block;margin-top:12px;font-size:13px;color:#5a6775}
input{box-sizing:border-box;width:100%%;padding:9px 10px;font:inherit;border:1px solid #b9c5d1;border-radius:6px}
input:focus{outline:2px solid #2b6ea6;outline-offset:0}
button{width:100%%;margin-top:20px;padding:10px;border:0;border-radius:6px;background:#1f4e79;color:#fff;
  font:600 15px/1.4 %(font)s;cursor:pointer}
button:disabled{opacity:.6}
#said{margin:14px 0 0;color:#962018;min-height:1.6em}
</style></head><body><main>
<h1>文衡</h1><p>从往年报告查数、问答、起草，每个数字都有出处</p>
<form id="form" data-next="%(next)s">
<label for="name">用户名</label><input id="name" name="name" autocomplete="username" maxlength="60" required autofocus>
<label for="password">口令</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>登录</button><p id="said" role="alert"></p></form></main>
<script>
const form = document.getElementById("form"), said = document.getElementById("said");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true; said.textContent = "";
  try {
    const reply = await fetch("/api/v1/sign-in", {method: "POST", credentials: "same-origin",
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify({name: form.elements["name"].value, password: form.elements["password"].value})});
    if (reply.ok) { location.assign(form.dataset.next); return; }
    const told = await reply.json();
    said.textContent = [told.detail, told.remedy].filter(Boolean).join("。");
  } catch (error) { said.textContent = "连不上服务，请稍后重试。"; }
  button.disabled = false;
});
</script></body></html>"""


def add(app: FastAPI, house: House) -> None:
    """Put the page on the app."""

    @app.get(SIGN_IN, include_in_schema=False)
    def show(request: Request, next: str = "/") -> Response:
        wanted = next_page(next)
        if not house.users:
            return RedirectResponse(wanted, 303)
        return HTMLResponse(PAGE % {"next": escape(wanted, quote=True), "font": escape(FONT)})
