"""Compares the checks of the detectors with python-stdnum, value by value.

Every detector names the modules with which its check agrees (`stdnum` in patterns/). For each module
thousands of values are made from its own examples: valid ones, valid ones with a fault, and junk. All go
to `plainsight detectors check ID`; a value must be `valid` exactly where a module of the detector says so.

One difference is meant: a few modules of python-stdnum take digits of any script (`\\d`), we do not.
"""

import argparse
import concurrent.futures
import importlib
import json
import random
import re
import subprocess
import sys
import unicodedata
import warnings

from stdnum.exceptions import ValidationError

# Modules that some detector must agree with: the identifiers of people and the VAT numbers of the EU,
# the EEA, the United Kingdom and Switzerland.
EXPECTED = """
    iban
    at.tin at.uid at.vnr
    be.bis be.eid be.nn be.vat
    bg.egn bg.pnf bg.vat
    ch.ssn ch.vat
    cy.vat
    cz.dic cz.rc
    de.idnr de.stnr de.vat
    dk.cpr dk.cvr
    ee.ik ee.kmkr
    es.dni es.nie es.nif
    fi.alv fi.hetu
    fr.nif fr.nir fr.siren fr.siret fr.tva
    gb.nhs gb.utr gb.vat
    gr.amka gr.vat
    hr.oib
    hu.anum
    ie.pps ie.vat
    is_.kennitala
    it.codicefiscale it.iva
    lt.asmens lt.pvm
    lu.tva
    lv.pvn
    mt.vat
    nl.bsn nl.btw
    no.fodselsnummer no.mva
    pl.nip pl.pesel pl.regon
    pt.cc pt.nif
    ro.cnp ro.cui
    se.personnummer se.vat
    si.ddv si.emso
    sk.dph sk.rc
""".split()

# Forms that a module takes and its documentation does not show.
MORE_SEEDS = {
    "be.nn": ["85.07.30-033.28", "00012511119"],
    "bg.egn": ["0041010002"],
    "de.stnr": ["2893081508152", "93815/08152"],
    "dk.cpr": ["0101054567"],
    "ee.ik": ["50001010006"],
    "es.nie": ["Y1234567X", "Z1234567R"],
    "es.nif": ["K1234567L", "A58818501", "P2807900B"],
    "fi.hetu": ["131052A308T", "131052+308T", "010594Y9021"],
    "fr.nir": ["185057800608436", "1850578006084"],
    "gr.amka": ["01010599995"],
    "ie.pps": ["1234567FA", "1234567TW"],
    "it.codicefiscale": ["RSSMRA80A01H501U", "RSSMRA80A01H50MY"],
    "lt.asmens": ["50001010006"],
    "lv.pvn": ["32345678901"],
    "nl.bsn": ["12345672"],
    "se.personnummer": ["19880320-0016", "880320+0018", "8803200016"],
}

# Signs of other scripts that some libraries take for digits or letters.
OTHER_DIGITS = ["٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "⁰¹²³⁴⁵⁶⁷⁸⁹", "⓪①②③④⑤⑥⑦⑧⑨"]
OTHER_LETTERS = dict(zip("ABCEHIKMOPSTXaos", "АВСЕНІКМОРЅТХаоѕ")) | {"I": "ı", "S": "ſ", "K": "\u212a"}
SEPARATORS = [" ", "-", ".", "/", ":", ",", "_", "'", "+", "\u00a0", "\u2013", "\u2011", "  ", " - ", "\t"]
PREFIXES = ["", "IT", "DE", "XX", "EU", "0", "00", "+", "K", "it", " ", "\t", "No. "]
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def has_other_digits(value):
    """Whether it holds digits that are no typographic form of the European ones."""
    return any(not c.isascii() and c.isdecimal() and not unicodedata.normalize("NFKC", c).isascii() for c in value)


# Places of a value at which a repair is tried.
REPAIRS = 7


class Module:
    """A module of python-stdnum under the name that detectors use."""

    def __init__(self, name):
        self.name = name
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.module = importlib.import_module(name)
        self.known = {}

    def is_valid(self, value):
        """True, False, or None where the module fails instead of deciding."""
        if value not in self.known:
            try:
                self.known[value] = not has_other_digits(value) and bool(self.module.is_valid(value))
            except ValidationError:
                self.known[value] = False
            except Exception:
                self.known[value] = None
        return self.known[value]

    def seeds(self):
        text = self.module.__doc__ or ""
        quoted = [value for value in re.findall(r"\('([^'\n]+)'", text)]
        short = self.name.removeprefix("stdnum.")
        seeds = [value for value in quoted + MORE_SEEDS.get(short, []) if self.is_valid(value)]
        for value in list(seeds):
            for other in ("compact", "format"):
                try:
                    seeds.append(getattr(self.module, other)(value))
                except Exception:
                    pass
        return sorted({value.strip() for value in seeds if self.is_valid(value.strip())})


def other_sign(rng, sign):
    """Another sign of the same kind."""
    if sign in DIGITS:
        return rng.choice(DIGITS)
    if sign.upper() in LETTERS:
        other = rng.choice(LETTERS)
        return other if sign.isupper() else other.lower()
    return sign


def changed(rng, value, places):
    signs = list(value)
    at = [i for i, sign in enumerate(signs) if sign.isascii() and sign.isalnum()]
    for i in rng.sample(at, min(places, len(at))):
        signs[i] = other_sign(rng, signs[i])
    return "".join(signs)


def repaired(rng, module, value):
    """The value with at most one sign replaced so that it is valid; None where that is not possible."""
    if module.is_valid(value):
        return value
    places = [i for i, sign in enumerate(value) if sign.isascii() and sign.isalnum()]
    rng.shuffle(places)
    # The check stands at the end more often than not.
    places.sort(key=lambda i: i < len(value) - 2)
    for i in places[:REPAIRS]:
        for sign in rng.sample(DIGITS, 10) if value[i] in DIGITS else rng.sample(LETTERS, 26):
            other = value[:i] + sign + value[i + 1 :]
            if module.is_valid(other):
                return other
    return None


def valid_values(rng, module, wanted):
    """Valid values: a walk from value to value, and random values of the same shapes."""
    seeds = module.seeds()
    if not seeds:
        return []
    pool, found = list(seeds), set(seeds)
    for _ in range(wanted * 4):
        if len(found) >= wanted:
            break
        # Shapes of the seeds come as often as those of their many descendants.
        start = rng.choice(seeds if rng.random() < 0.3 else pool)
        places = rng.choice([1, 1, 2, 2, 3, 4, 6, len(start)])
        value = repaired(rng, module, changed(rng, start, places))
        if value is not None and value not in found:
            found.add(value)
            pool.append(value)
    return sorted(found)


def random_ibans(rng, module, wanted):
    """IBANs of all countries in the registry, with check digits that fit."""
    signs = {"n": DIGITS, "a": LETTERS, "c": DIGITS + LETTERS}
    of = importlib.import_module("stdnum.numdb").get("iban")
    countries = [c for c in (a + b for a in LETTERS for b in LETTERS) if of.info(c)[0][1]]
    while wanted > 0:
        country = countries[wanted % len(countries)]
        parts = re.findall(r"([0-9]+)!([nac])", of.info(country)[0][1]["bban"])
        bban = "".join(rng.choice(signs[kind]) for length, kind in parts for _ in range(int(length)))
        value = country + module.module.calc_check_digits(country + "00" + bban) + bban
        if not module.is_valid(value):
            # National check digits.
            if value := repaired(rng, module, value):
                yield value
        else:
            yield value if rng.random() < 0.5 else module.module.format(value)
        wanted -= 1


def mutated(rng, value):
    """The value with one thing done to it, wrong or only odd."""
    at = rng.randrange(len(value))
    sign = value[at]
    match rng.randrange(19):
        case 0 | 1 | 2:
            return value[:at] + other_sign(rng, sign) + value[at + 1 :]
        case 3 | 4:
            return value[:at] + value[at + 1 : at + 2] + sign + value[at + 2 :]
        case 5:
            return value[:-1] if rng.random() < 0.5 else value[1:]
        case 6:
            return value[: rng.randrange(len(value))]
        case 7:
            extra = rng.choice(DIGITS + LETTERS)
            return value + extra if rng.random() < 0.5 else extra + value
        case 8:
            return rng.choice([value.lower(), value.upper(), value.swapcase(), value.title()])
        case 9 | 10:
            return value[:at] + rng.choice(SEPARATORS) + value[at:]
        case 11:
            separator, size = rng.choice(SEPARATORS), rng.randrange(1, 5)
            return separator.join(value[i : i + size] for i in range(0, len(value), size))
        case 12:
            return re.sub(r"[^0-9A-Za-z]", "", value)
        case 13:
            prefix = rng.choice(PREFIXES)
            return prefix + value if rng.random() < 0.7 else value + prefix
        case 14:
            return value.lstrip(LETTERS + LETTERS.lower() + " -")
        case 15:
            digits = rng.choice(OTHER_DIGITS)
            whole = rng.random() < 0.3
            return "".join(
                digits[int(c)] if c in DIGITS and (whole or i == at) else c for i, c in enumerate(value)
            )
        case 16:
            return value[:at] + OTHER_LETTERS.get(sign, "ß" if sign.isalpha() else "²") + value[at + 1 :]
        case 17:
            kind = rng.choice(DIGITS)
            return "".join(kind if c in DIGITS else c for c in value)
        case _:
            return value[:at] + rng.choice(LETTERS if sign in DIGITS else DIGITS) + value[at + 1 :]


def values_of(module, wanted, seed):
    rng = random.Random(f"{seed} {module.name}")
    if module.name == "stdnum.iban":
        valid = list(random_ibans(rng, module, wanted * 2 // 5))
    else:
        valid = valid_values(rng, module, wanted * 2 // 5)
    values = dict.fromkeys(valid)
    for value in ["", " ", "-", ".", "0", "00000000000", "A", "é", "\u0660", "٣٣٣", "x" * 40, "1" * 100]:
        values.setdefault(value)
    base = valid or ["12345678"]
    shapes = module.seeds() or base
    attempts = 0
    while len(values) < wanted and attempts < wanted * 20:
        attempts += 1
        kind = rng.random()
        if kind < 0.12:
            start = rng.choice(shapes)
            value = changed(rng, start, len(start))
        elif kind < 0.2:
            value = mutated(rng, mutated(rng, rng.choice(base)) or "0")
        else:
            value = mutated(rng, rng.choice(base))
        # A line is a value; stdin is UTF-8.
        if not re.search(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", value):
            values.setdefault(value)
    return list(values)


class Program:
    """The program under test."""

    def __init__(self, path, patterns):
        self.path = path
        self.patterns = ["--patterns", patterns] if patterns else []

    def run(self, arguments, stdin=""):
        command = [self.path, "detectors", *arguments, *self.patterns]
        return subprocess.run(command, input=stdin.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()


def ask(program, detector, values):
    """What the detector says of each value."""
    lines = program.run(["check", detector], "".join(f"{value}\n" for value in values)).split("\n")
    if lines.pop() != "" or len(lines) != len(values):
        sys.exit(f"agreement: {detector} answered {len(lines)} lines for {len(values)} values")
    verdicts = []
    for value, line in zip(values, lines):
        echoed, _, verdict = line.rpartition("\t")
        if echoed != value or verdict not in ("valid", "invalid", "unknown"):
            sys.exit(f"agreement: {detector} answered {line!r} for {value!r}")
        verdicts.append(verdict)
    return verdicts


def compare(program, name, claims, wanted, seed):
    """The rows of the table for one module, and what is wrong."""
    modules = {}
    for claimed in claims.values():
        if name in claimed:
            modules.update((other, Module(other)) for other in claimed if other not in modules)
    module = modules[name]
    values = [value for value in values_of(module, wanted, seed) if module.is_valid(value) is not None]
    valid = sum(module.is_valid(value) for value in values)
    rows, faults = [], []
    if len(values) < wanted * 9 // 10:
        faults.append(f"{name}: only {len(values)} values")
    if valid * 20 < len(values):
        faults.append(f"{name}: only {valid} of {len(values)} values are valid: the comparison says little")
    for detector in sorted(detector for detector, claimed in claims.items() if name in claimed):
        others = [modules[other] for other in claims[detector]]
        wrong = []
        for value, verdict in zip(values, ask(program, detector, values)):
            expected = any(other.is_valid(value) for other in others)
            if (verdict == "valid") != expected:
                wrong.append((value, verdict, "valid" if expected else "invalid"))
        rows.append((name, detector, len(values), valid, len(wrong)))
        faults += [f"{detector}: {value!r} is {verdict}, {name}: {right}" for value, verdict, right in wrong[:8]]
        if len(wrong) > 8:
            faults.append(f"{detector}: {len(wrong) - 8} more with {name}")
    return rows, faults


def main():
    parser = argparse.ArgumentParser(description="Compares the checks of detectors with python-stdnum.")
    parser.add_argument("program", help="the plainsight program")
    parser.add_argument("--values", type=int, default=5000, help="for each module")
    parser.add_argument("--seed", default="plainsight")
    parser.add_argument("--only", nargs="+", help="modules, as it.iva; nothing is expected of the others")
    parser.add_argument("--claim", nargs="+", default=[], help="ID=MODULE: as if the detector named the module")
    parser.add_argument("--patterns", help="further detectors: a directory of TOML files")
    arguments = parser.parse_args()

    program = Program(arguments.program, arguments.patterns)
    claims = {detector["id"]: detector["stdnum"] for detector in json.loads(program.run(["list", "--format", "json"]))}
    for claim in arguments.claim:
        detector, _, module = claim.partition("=")
        claims[detector].append(f"stdnum.{module}")
    names = sorted({name for claimed in claims.values() for name in claimed})
    faults = []
    if arguments.only:
        names = [name for name in names if name.removeprefix("stdnum.") in arguments.only]
    elif missing := [name for name in EXPECTED if f"stdnum.{name}" not in names]:
        faults.append(f"no detector agrees with {', '.join(missing)}")
    print(f"{'module':24} {'detector':34} {'values':>7} {'valid':>7} {'disagree':>9}")
    with concurrent.futures.ProcessPoolExecutor() as pool:
        compared = [
            pool.submit(compare, program, name, claims, arguments.values, arguments.seed) for name in names
        ]
        for future in compared:
            rows, wrong = future.result()
            for name, detector, values, valid, disagreements in rows:
                print(f"{name:24} {detector:34} {values:7} {valid:7} {disagreements:9}", flush=True)
            faults += wrong
    if faults or not names:
        print("\n" + "\n".join(faults or ["nothing was compared"]))
        sys.exit(1)
    print("\nEvery check agrees with python-stdnum on every value.")


if __name__ == "__main__":
    main()
