"""What holds after every fault, whoever was disturbed: something ran only if a durable intent exists, nothing that was
acknowledged is lost, and no secret is left anywhere."""

import pathlib
import re

import ledger_verifier


def lines_of(folder):
    """The records of a ledger by their numbers, read by the second verifier's reader."""
    found = {}
    for segment in sorted(pathlib.Path(folder).glob("segment-*")):
        for line in segment.read_bytes().split(b"\n"):
            record = ledger_verifier.parse_record(line)
            if record:
                found[record["seq"]] = record
    return found


def check_ledger(folder, whole=False):
    """The ledger is not broken; with `whole` nothing of it is torn or unproven either. Returns its records."""
    verdict = ledger_verifier.verify(folder, anchor=ledger_verifier.read_anchor(str(folder) + ".anchor"))
    assert verdict["verdict"] != "broken", verdict
    assert not whole or (verdict["verdict"] == "proven" and not verdict["torn"]), verdict
    return lines_of(folder)


def check_acknowledged(records, output):
    """Each record that a writer called acknowledged is there."""
    for number in map(int, re.findall(r"^acknowledged (\d+)$", output, re.M)):
        assert number in records, f"record {number} was acknowledged and is lost"
        assert records[number]["kind"] == "intent", f"record {number} is another one"


def check_intent_before_act(records, action, acts):
    """`acts`: for each that left its trace, a word of its command line, or "" where it has none of its own."""
    intents = [record["data"] for record in records.values() if record["kind"] == "intent" and
               record["data"].get("action") == action]
    assert len(intents) >= len(acts), f"{action} happened without an intent"
    for act in acts:
        assert not act or any(act in word for intent in intents for word in intent["detail"]["argv"]), \
            f"{action} of {act} happened without an intent"


def check_no_secret(secret, folders, texts=()):
    for folder in folders:
        for path in pathlib.Path(folder).rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes(), f"the secret lies in {path}"
    for text in texts:
        assert secret not in text, f"the secret was printed: {text}"
