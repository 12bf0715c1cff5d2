"""The OpenAI-compatible door (对话接口), see :mod:`service.http.chat_api`."""

from __future__ import annotations

from service.http.chat_api import router

__all__ = ["router"]
