"""The register of user words: versions side by side, and packages that bring words by an entry point."""

from __future__ import annotations

from pathlib import Path

import pytest

from sbc_lab.engine import indicators as registry
from sbc_lab.engine.strategy import Indicator, IndicatorWord, Ticker, formula, load_word, user_word, user_words
from sbc_lab.errors import StrategyError, UnknownNameError

ONE, OTHER = "0" * 32, "1" * 32


@pytest.fixture(autouse=True)
def own_register(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the register of this process as it was."""
    monkeypatch.setattr(user_words, "_CURRENT", {})
    monkeypatch.setattr(user_words, "_VERSIONS", {})
    monkeypatch.setattr(registry, "_OF_USERS", {})


def word(label: str = "What a user wrote") -> IndicatorWord:
    return IndicatorWord("mine", label, "number", ())


def install(folder: Path, name: str, module: str, entries: str) -> None:
    """Put a package where Python finds it, as an installer does."""
    information = folder / f"{name}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[sbc_lab.indicators]\n{entries}\n")
    (folder / f"{name}.py").write_text(module)


DOUBLED = """
import sbc_lab as lab

@lab.indicator(unit="USD", first_valid=0)
def doubled(close):
    "Twice the price."
    return 2.0 * close
"""


def test_a_name_stands_for_the_code_that_was_registered_last() -> None:
    user_words.register(word("one"), ONE)
    before = Indicator("mine", Ticker("SPY"))
    user_words.register(word("other"), OTHER)
    after = Indicator("mine", Ticker("SPY"))
    assert (before.code, after.code) == (ONE, OTHER)
    assert before is not after
    assert (before.word.label, after.word.label) == ("one", "other")
    assert not user_words.is_current(before.key)
    assert user_words.is_current(after.key)
    assert user_word("mine")("SPY") is after


def test_code_that_was_never_here_is_refused() -> None:
    user_words.register(word(), ONE)
    with pytest.raises(
        StrategyError, match=r"'mine' was written with other code \(hash 11111111…\) than is registered"
    ):
        load_word("mine@" + OTHER)
    with pytest.raises(
        UnknownNameError, match="'yours' is an indicator that a user wrote, and it is not registered here"
    ):
        load_word("yours@" + OTHER)


def test_a_user_word_is_among_the_nearest_and_ours_is_no_user_word() -> None:
    user_words.register(word(), ONE)
    with pytest.raises(UnknownNameError, match="there is no indicator 'mime'; known, nearest first: mine"):
        load_word("mime")
    with pytest.raises(StrategyError, match=r"'rsi' is a word of this lab; type it as it is: rsi\('SPY'\)"):
        user_word("rsi")


def test_a_package_is_loaded_when_its_word_is_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "sbc_pack_one", DOUBLED, "doubled = sbc_pack_one:doubled")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "doubled" in user_words.names()
    assert "doubled" not in user_words._CURRENT
    assert Indicator("doubled", Ticker("SPY")).code == user_words.current_code("doubled") != ""
    assert repr(formula("doubled / close")("SPY").of) == "doubled('SPY') / price('SPY')"


def test_a_formula_and_a_near_miss_know_words_of_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = DOUBLED.replace("doubled", "redoubled")
    install(tmp_path, "sbc_pack_two", module, "redoubled = sbc_pack_two:redoubled")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UnknownNameError, match="there is no indicator 'redoubld'; known, nearest first: redoubled"):
        load_word("redoubld")
    assert user_word("redoubled").__doc__ == "Twice the price. USD."


@pytest.mark.parametrize(
    ("name", "module", "message"),
    [
        (
            "sbc_pack_bad",
            "import no_such_package",
            "cannot be loaded: ModuleNotFoundError: No module named 'no_such_package'",
        ),
        ("sbc_pack_late", "broken = 1 / 0", "cannot be loaded: ZeroDivisionError"),
        (
            "sbc_pack_none",
            "broken = 1",
            "promises an indicator 'broken', but sbc_pack_none:broken registers no such name",
        ),
        (
            "sbc_pack_ahead",
            DOUBLED.replace("doubled", "broken").replace("2.0 * close", "close - close.mean()"),
            "is refused: broken looks",
        ),
    ],
)
def test_a_broken_package_is_named_and_breaks_no_other(
    name: str, module: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, name, module, f"broken = {name}:broken")
    install(tmp_path, f"{name}_good", DOUBLED.replace("doubled", "tripled"), f"tripled = {name}_good:tripled")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(StrategyError, match=f"{name} 1.0.*{message}|{message}"):
        load_word("broken")
    assert load_word("tripled").unit == "USD"
    assert load_word("rsi").name == "rsi"


def test_two_packages_of_one_word_are_both_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sbc_pack_a", "sbc_pack_b"):
        install(tmp_path, name, DOUBLED, f"quadrupled = {name}:doubled")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(
        StrategyError, match=r"'quadrupled' is brought by several packages: sbc_pack_a 1.0, sbc_pack_b 1.0"
    ):
        load_word("quadrupled")
