"""Tokens a second of the embedded language model, with and without n-gram speculation.

Both servers get the same grounded prompts in turns (A B A B …) and write to the end;
each prompt is asked once unmeasured, so that both start from the same cached prompt. Printed are
decode and prefill speed, their ratio, and whether the texts are equal.

    python -m benchmarks.decode [rounds]
"""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from service.models.server import LocalServer, ServerOptions
from service.models.store import chat_model
from service.settings import load

WANTED = 1.4
MAX_TOKENS = 160
SYSTEM = "你是县卫生健康局的文秘。只根据资料回答，照抄资料里的数字，句末标出资料编号。"
EVIDENCE = (
    "[1] 青禾县2021年共组建家庭医生团队86个，签约居民12.34万人，其中重点人群签约5.21万人，签约率达到68.5%。",
    "[2] 青禾县2021年新建村卫生室23所，改扩建乡镇卫生院4所，总投资1860万元，标准化率达到92.3%。",
    "[3] 青禾县人民医院2021年门诊量21.6万人次，住院1.48万人次，平均住院日8.2天，药占比降至29.7%。",
    "[4] 青禾县2021年开展义诊47场次，服务群众6320人次，发放宣传资料1.5万份，建立健康档案9876份。",
    "[5] 青禾县2021年孕产妇系统管理率96.4%，儿童健康管理率95.1%，疫苗接种率98.2%。",
)
QUESTIONS = (
    "请逐条写出青禾县2021年家庭医生签约、基层建设和县医院服务的数据。",
    "青禾县2021年开展了多少场义诊，妇幼健康的三项比率各是多少？",
    "青禾县2021年在基层卫生方面做了哪些工作？",
)


@dataclass(frozen=True, slots=True)
class Run:
    """One completion as the server timed it."""

    text: str
    decode: float  # tokens/s
    prefill: float


@dataclass(frozen=True, slots=True)
class DecodeSpeed:
    """Medians over all questions and rounds."""

    speculative: float
    plain: float
    prefill: float
    equal: int
    total: int

    @property
    def ratio(self) -> float:
        """How many times faster decoding is with speculation."""
        return self.speculative / self.plain


def ask(server: LocalServer, question: str) -> Run:
    """One completion, over the server's own protocol, since LangChain drops its timings."""
    user = "资料：\n" + "\n".join(EVIDENCE) + f"\n问题：{question}"
    body = {
        "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": user}],
        "temperature": 0,
        "max_tokens": MAX_TOKENS,
    }
    with httpx.Client(trust_env=False, timeout=600) as client:
        headers = {"Authorization": f"Bearer {server.key}"}
        reply = client.post(server.ensure_running() + "/chat/completions", json=body, headers=headers).json()
    times = reply["timings"]
    return Run(
        reply["choices"][0]["message"]["content"], times["predicted_per_second"], times["prompt_per_second"]
    )


def measure(rounds: int = 2) -> DecodeSpeed:
    """Run both in turns."""
    settings = load()
    path = chat_model("pypi", settings.models_dir)
    options = ServerOptions(str(path), settings.threads, settings.context, speculation=True)
    runs: list[tuple[Run, Run]] = []
    with tempfile.TemporaryDirectory() as name:
        plain_options = dataclasses.replace(options, speculation=False)
        with (
            LocalServer(options, Path(name) / "a") as fast,
            LocalServer(plain_options, Path(name) / "b") as plain,
        ):
            prefill = [ask(server, QUESTIONS[0]).prefill for server in (fast, plain)]
            for question in QUESTIONS * rounds:
                for server in (fast, plain):
                    ask(server, question)
                runs.append((ask(fast, question), ask(plain, question)))
    return DecodeSpeed(
        median(a.decode for a, _ in runs),
        median(b.decode for _, b in runs),
        median(prefill),
        sum(a.text == b.text for a, b in runs),
        len(runs),
    )


def main() -> None:
    """Print absolutes and the ratio."""
    speed = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    print(f"language model, {os.cpu_count()} cores")
    print(f"  prefill               {speed.prefill:8.1f} tokens/s")
    print(f"  decode, speculative   {speed.speculative:8.1f} tokens/s")
    print(f"  decode, plain         {speed.plain:8.1f} tokens/s")
    print(f"  ratio                 {speed.ratio:8.2f} (wanted: at least {WANTED})")
    print(f"  equal texts           {speed.equal:5d} of {speed.total}")


if __name__ == "__main__":
    main()
