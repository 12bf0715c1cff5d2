"""Runs → JUnit XML, which continuous integration shows as tests.

In: scored runs. Out: the text of one file: a test suite a run, a test case an item. What is not good is a
failure, an item that ended in an error an error, what could not be scored is skipped. The dialect is the one
that the Jenkins plug-in documents; characters that XML cannot hold are left out, personal data is masked.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as xml

from eval.reporting.judged import Run, expectation
from eval.reporting.outputs import clean
from eval.scored import Marked


def junit(runs: Sequence[Run]) -> str:
    """The XML text over some runs."""
    root = xml.Element("testsuites", name="wenheng eval")
    for run in runs:
        root.append(_suite(run))
    _sum_up(root, list(root))
    xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, encoding="unicode") + "\n"


def _suite(run: Run) -> xml.Element:
    meta = run.scored.meta
    suite = xml.Element("testsuite", name=f"{meta.suite}.{run.name}", timestamp=meta.started)
    facts = xml.SubElement(suite, "properties")
    for name, value in {"system": meta.system, **meta.signature}.items():
        xml.SubElement(facts, "property", name=str(name), value=clean(str(value)))
    for one in run.scored.items:
        suite.append(_case(run, one))
    cases = suite.findall("testcase")
    counts = {name: sum(case.find(tag) is not None for case in cases) for name, tag in TAGS.items()}
    suite.attrib |= {"tests": str(len(cases)), **{name: str(count) for name, count in counts.items()}}
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")
    return suite


TAGS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _case(run: Run, one: Marked) -> xml.Element:
    secrets = expectation(one.task.gold).secrets
    case = xml.Element("testcase", classname=f"{run.suite}.{one.task.kind or 'all'}", name=clean(one.task.id))
    case.set("time", f"{float(one.item['seconds'] or 0):.3f}")
    reasons = [clean(reason, secrets) for reason in one.score.reasons]
    told = "；".join(reasons)
    if one.item["error"]:
        xml.SubElement(case, "error", message=clean(str(one.item["error"]), secrets))
    elif one.score.good is None:
        xml.SubElement(case, "skipped", message=told or "未能评分")
    elif not one.score.good:
        xml.SubElement(case, "failure", message=told or "不合格").text = "\n".join(reasons)
    return case


def _sum_up(root: xml.Element, suites: Sequence[xml.Element]) -> None:
    for name in ("tests", *TAGS):
        root.set(name, str(sum(int(suite.get(name, 0)) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', 0)) for suite in suites):.3f}")
