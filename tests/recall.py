"""Measures how completely and how cheaply documents are read, against readers that share no code with ours.

Give it folders of documents, none of which belongs into this repository: the figures of README.md are those
of the test documents of mozilla/pdf.js (`test/pdfs`) and apache/poi (`test-data`).

    python3 tests/recall.py pdf.js/test/pdfs --floor pdf=0.96
    python3 tests/recall.py poi/test-data --floor office=0.99 --floor legacy=0.95 --cache /tmp/recall

PDF is held against `pdftotext`; Office, OpenDocument and RTF against LibreOffice, which converts each to flat
OpenDocument: all sheets, headers, notes and comments are in it, which its export to text leaves out.

A word is a run of letters and digits after NFKC and case folding; a character of Chinese or Japanese is a word of
its own. Words are counted: one that stands three times must be read three times. Order does not count. Recall is
the share of the other reader's words that are also in ours; macro is the mean over documents, micro over words.
What we read beyond that is told as surplus, so that saying everything twice does not pass for skill.

Only documents in which the other reader finds five words are counted. Left out, each with its count: documents
that it cannot open, or of which it makes more than 256 MiB, those made broken on purpose (`clusterfuzz`, `crash` in the
name: they count for memory and time), with `--witness` PDFs of whose words a third reader finds less than half
(pdftotext says glyph numbers for letters then), and what LibreOffice adds or computes itself (page and list numbers,
sheet names, fields of date and file, placeholders of master slides, page headers of sheets, the same header of several
sections, numbers and errors that formulas make: whatever another program wrote is computed anew). A number in a cell
counts as read if it is there as it is shown or as it is stored; of long fractions twelve digits are compared.

Costs: each document is read in a process of its own, for text and memory, and then all of a format in one, for
CPU time, as a scan does it; of the other reader the start is measured apart and taken off. Memory
is that of the largest process.
"""

import argparse
import collections
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree as ET

FORMATS = {
    "pdf": "pdf",
    "docx": "docx docm dotx dotm",
    "xlsx": "xlsx xlsm xltx xltm",
    "xlsb": "xlsb",
    "pptx": "pptx pptm ppsx ppsm potx potm",
    "odt": "odt ott",
    "ods": "ods ots",
    "odp": "odp otp",
    "doc": "doc dot",
    "xls": "xls xlt",
    "ppt": "ppt pps pot",
    "rtf": "rtf",
}
FORMAT_OF = {suffix: form for form, suffixes in FORMATS.items() for suffix in suffixes.split()}
FAMILIES = {
    "pdf": ["pdf"],
    "office": ["docx", "xlsx", "xlsb", "pptx", "odt", "ods", "odp"],
    "legacy": ["doc", "xls", "ppt", "rtf"],
}
# What LibreOffice turns each format into.
FLAT = dict.fromkeys(["docx", "odt", "doc", "rtf"], "fodt")
FLAT |= dict.fromkeys(["xlsx", "xlsb", "ods", "xls"], "fods") | dict.fromkeys(["pptx", "odp", "ppt"], "fodp")
BROKEN_ON_PURPOSE = ("clusterfuzz", "crash", "fuzzing")
FEWEST_WORDS = 5
# Of a bomb LibreOffice makes gigabytes, which would be held in memory here.
LARGEST_FLAT = 256 << 20
# Stored with seventeen digits, of which programs show fifteen at most: twelve are compared.
LONG_FRACTION = re.compile(r"(?<![\d.])\d{1,15}\.\d{5,}(?![\d.])", re.ASCII)
SECONDS = 60
BATCH = 25

Run = collections.namedtuple("Run", "code out cpu mib")


# Runs a command and tells its costs through a pipe: a child looks as large as whoever starts it, so that must be small.
STARTER = """
import os, resource, subprocess, sys
code = subprocess.call(sys.argv[2:], stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
os.write(int(sys.argv[1]), f"{code} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}".encode())
"""


def run(command, seconds=SECONDS):
    """Runs a program with a limit of time; its CPU time is that of all its processes."""
    told, tell = os.pipe()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(
            [sys.executable, "-S", "-c", STARTER, str(tell), *map(str, command)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, start_new_session=True, pass_fds=[tell],
        )
        os.close(tell)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        code, cpu, mib = (os.read(told, 100).decode() or f"-9 {seconds} 0").split()
        os.close(told)
        out.seek(0)
        return Run(int(code), out.read(), float(cpu), float(mib))


# Words


def is_ideograph(c):
    return "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff" or c >= "\U00020000"


def words(text):
    found, word = [], []
    text = LONG_FRACTION.sub(lambda number: f"{float(number[0]):.12g}", text)
    for c in unicodedata.normalize("NFKC", text).casefold():
        if is_ideograph(c) and c.isalnum():
            found += ["".join(word), c]
            word = []
        elif c.isalnum() or (word and unicodedata.category(c) in ("Mn", "Mc")):
            word.append(c)
        elif unicodedata.category(c) != "Cf":
            found.append("".join(word))
            word = []
    found.append("".join(word))
    return [word for word in found if word]


def read_words(finished):
    return collections.Counter(words(finished.out.decode(errors="replace")))


class Expected:
    """The words of the other reader; of a number in a cell there are several ways to say it."""

    def __init__(self):
        self.plain = collections.Counter()
        self.numbers = collections.Counter()

    def add(self, text, times=1):
        for word in words(text):
            self.plain[word] += times

    def number(self, ways, times=1):
        ways = tuple(dict.fromkeys(tuple(words(way)) for way in ways))
        if ways[0]:
            self.numbers[ways] += times

    def total(self):
        return self.plain.total() + sum(len(ways[0]) * times for ways, times in self.numbers.items())

    def found_in(self, ours):
        left = ours.copy()
        found = 0
        for word, times in self.plain.items():
            hit = min(times, left[word])
            left[word] -= hit
            found += hit
        # What is long is hardly met by chance: it chooses first.
        for ways, times in sorted(self.numbers.items(), key=lambda item: -max(map(length, item[0]))):
            for _ in range(times):
                best = max(ways, key=lambda way: (share(way, left), length(way)))
                found += round(share(best, left) * len(ways[0]))
                for word in best:
                    left[word] -= left[word] > 0
        return found

    def missing_in(self, ours):
        return self.plain - ours


def length(way):
    return sum(map(len, way))


def share(way, left):
    """Which part of these words is left."""
    return (collections.Counter(way) & left).total() / len(way) if way else 0.0


# LibreOffice

OFFICE, TEXT, TABLE, DRAW, STYLE, PRESENTATION = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}"
    for name in ("office", "text", "table", "drawing", "style", "presentation")
)
# Fields that are computed when the document is shown, and labels of lists.
COMPUTED = {
    TEXT + name
    for name in (
        "page-number page-count date time file-name sheet-name number page-continuation creation-date "
        "creation-time modification-date modification-time print-date print-time author-name author-initials "
        "paragraph-count word-count character-count table-count image-count object-count editing-duration "
        "editing-cycles template-name title subject bookmark-ref sequence-ref reference-ref note-ref "
        "table-of-content-source alphabetical-index-source illustration-index-source table-index-source "
        "user-index-source object-index-source bibliography-source note-citation"
    ).split()
} | {PRESENTATION + name for name in ("date-time", "footer", "header")}
SKIPPED = {
    OFFICE + name
    for name in ("meta", "settings", "scripts", "font-face-decls", "styles", "automatic-styles", "binary-data")
} | {TABLE + "shapes-placeholder", TABLE + "content-validations", TABLE + "database-ranges"}


class Flat:
    """The words of a flat OpenDocument file."""

    def __init__(self, form):
        self.form = form
        self.words = Expected()
        # Numbers that formulas make; LibreOffice makes many of them anew.
        self.computed = 0

    def read(self, path):
        for child in ET.parse(path).getroot():
            self.walk(child, 1)
        return self.words

    def walk(self, node, times):
        tag = node.tag
        if tag in SKIPPED:
            return
        if tag == OFFICE + "master-styles":
            if self.form == "fodt":
                self.headers(node)
            return
        if tag == OFFICE + "document":
            self.embedded(node, times)
        elif tag in (TEXT + "p", TEXT + "h"):
            self.words.add(self.paragraph(node, times), times)
        elif tag in (TABLE + "table-cell", TABLE + "covered-table-cell") and self.form == "fods":
            self.cell(node, times)
        else:
            if tag == TABLE + "table-row":
                times *= int(node.get(TABLE + "number-rows-repeated", 1))
            for child in node:
                self.walk(child, times)

    def headers(self, styles):
        """LibreOffice makes a page style of each section, and writes the same header in each."""
        kept = Flat(self.form)
        for page in styles:
            one = Flat(self.form)
            for child in page:
                one.walk(child, 1)
            kept.words.plain |= one.words.plain
        self.words.plain += kept.words.plain

    def embedded(self, node, times):
        """Of a chart its titles: its table repeats what cells hold."""
        for child in node.iter(TEXT + "p"):
            child.set("titled", "")
        for table in node.iter(TABLE + "table"):
            for child in table.iter(TEXT + "p"):
                child.attrib.pop("titled", None)
        for child in node.iter(TEXT + "p"):
            if "titled" in child.attrib:
                self.words.add(self.paragraph(child, times), times)

    def paragraph(self, node, times):
        """The text of a paragraph; notes, comments and boxes inside it stand for themselves."""
        parts = [node.text or ""]
        for child in node:
            tag = child.tag
            if tag in COMPUTED:
                pass
            elif tag in (TEXT + "s", TEXT + "tab", TEXT + "line-break"):
                parts.append(" ")
            elif tag == TEXT + "note" or tag.startswith((OFFICE, DRAW)) and tag != DRAW + "a":
                for inside in child:
                    if inside.tag not in COMPUTED:
                        self.walk(inside, times)
            else:
                parts.append(self.paragraph(child, times))
            parts.append(child.tail or "")
        return "".join(parts)

    def cell(self, node, times):
        times *= int(node.get(TABLE + "number-columns-repeated", 1))
        kind = node.get(OFFICE + "value-type", "string")
        shown = []
        for child in node:
            if child.tag == TEXT + "p":
                shown.append(self.paragraph(child, times))
            else:
                self.walk(child, times)
        shown = "\n".join(shown)
        formula = node.get(TABLE + "formula")
        if formula and shown.startswith(("#", "Err:")):
            return
        if kind == "string":
            self.words.add(shown, times)
        elif formula:
            self.computed += times
        elif times < 10_000:
            self.words.number([shown, *stored(node, shown)], times)


def stored(node, shown):
    """A number as files store it: plain, as a share, as a date, as a time of day."""
    for key in ("date-value", "time-value", "boolean-value"):
        value = node.get(OFFICE + key)
        if value and key == "time-value":
            yield value.replace("PT", "").replace("H", ":").replace("M", ":").replace("S", "")
            yield value.replace("PT", "").replace("H", ":").replace("M", ":").replace("S", "").partition(",")[0][:5]
        elif value:
            yield value
            yield value.partition("T")[0]
            with contextlib.suppress(ValueError):
                yield str((datetime.date.fromisoformat(value[:10]) - datetime.date(1899, 12, 30)).days)
            yield {"true": "1", "false": "0"}.get(value, value)
    with contextlib.suppress(TypeError, ValueError):
        value = float(node.get(OFFICE + "value"))
        for number in (value, value * 100):
            yield f"{number:.15g}"
            yield f"{number:.17g}"
            yield f"{number:.15f}".rstrip("0")


def flatten(files, form, cache):
    """Converts documents with LibreOffice: the flat file of each that it opens, empty if too large, and its CPU seconds."""
    flat = FLAT[form]
    known = {file: cache / f"{digest(file)}.{flat}" for file in files}
    costs = cache / "costs.json"
    spent = json.loads(costs.read_text()) if costs.exists() else {}
    todo = [file for file in files if not known[file].exists() and digest(file) not in spent]
    for start in range(0, len(todo), BATCH):
        batch = todo[start : start + BATCH]
        used = convert(batch, flat, known)
        left = [file for file in batch if not known[file].exists()]
        # One that it dies of takes the rest of the batch with it.
        for file in batch:
            spent[digest(file)] = used / len(batch)
        for file in left if len(left) < len(batch) or len(batch) > 1 else []:
            spent[digest(file)] = convert([file], flat, known)
        costs.write_text(json.dumps(spent))
    opened = {file: path for file, path in known.items() if path.exists()}
    return opened, sum(spent.get(digest(file), 0) for file in files)


def convert(batch, flat, known):
    with tempfile.TemporaryDirectory() as temporary:
        temporary = pathlib.Path(temporary)
        sources = []
        for number, file in enumerate(batch):
            sources.append(temporary / f"{number}{file.suffix.lower()}")
            shutil.copyfile(file, sources[-1])
        (temporary / "out").mkdir()
        used = run([*office(), "--convert-to", flat, "--outdir", temporary / "out", *sources], 30 + 4 * len(batch))
        for number, file in enumerate(batch):
            made = temporary / "out" / f"{number}.{flat}"
            if made.exists() and made.stat().st_size > LARGEST_FLAT:
                known[file].touch()
            elif made.exists() and made.stat().st_size:
                shutil.move(made, known[file])
    return used.cpu


def office():
    return ["soffice", f"-env:UserInstallation=file://{pathlib.Path(tempfile.gettempdir()) / 'recall-office'}", "--headless"]


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()[:24]


# The comparison


class Result:
    """What was measured of one format."""

    def __init__(self, form):
        self.form = form
        self.recalls = {}
        self.contested = {}
        self.hit = self.total = self.surplus = 0
        self.left_out = collections.Counter()
        self.lost = []
        self.computed = 0
        self.peak = (0.0, "")
        self.slowest = (0.0, "")
        self.ours = self.theirs = 0.0

    def macro(self):
        return statistics.fmean(self.recalls.values()) if self.recalls else None


def is_contested(file, expected, witness):
    """Whether a third reader finds words, but less than half of these: then one of the two speaks gibberish."""
    if not witness:
        return False
    third = read_words(run([*shlex.split(witness), file]))
    return third.total() >= FEWEST_WORDS and 2 * expected.found_in(third) < expected.total()


def expected_of_pdf(file, result):
    other = run(["pdftotext", "-enc", "UTF-8", file, "-"])
    result.theirs += other.cpu
    if other.code != 0:
        return None
    expected = Expected()
    expected.add(other.out.decode(errors="replace"))
    return expected


def measure(form, files, options):
    result = Result(form)
    flats = {}
    if form != "pdf":
        flats, result.theirs = flatten(files, form, options.cache)
    for file in files:
        name = str(file)
        ours = run([options.plainsight, "text", "--plain", "--ocr", "off", file])
        result.peak = max(result.peak, (ours.mib, name))
        result.slowest = max(result.slowest, (ours.cpu, name))
        expected = None
        if form == "pdf":
            expected = expected_of_pdf(file, result)
        elif file in flats and flats[file].stat().st_size:
            flat = Flat(FLAT[form])
            expected = flat.read(flats[file])
            result.computed += flat.computed
        if any(word in file.name.lower() for word in BROKEN_ON_PURPOSE):
            result.left_out["broken on purpose"] += 1
        elif expected is None and file in flats:
            result.left_out["the other reader makes too much of it"] += 1
        elif expected is None:
            result.left_out["the other reader cannot open it"] += 1
        elif expected.total() < FEWEST_WORDS:
            result.left_out["fewer than five words"] += 1
        elif form == "pdf" and is_contested(file, expected, options.witness):
            result.left_out["a third reader disagrees with the other one"] += 1
            total, hit = expected.total(), expected.found_in(read_words(ours))
            result.contested[name] = hit / total
        else:
            count(result, name, expected, read_words(ours), options)
    if form == "pdf":
        result.theirs -= len(files) * start(["pdftotext", "-v"])
    else:
        batches = -(-len(files) // BATCH)
        result.theirs -= batches * start([*office(), "--version"])
    alone = start([options.plainsight, "--version"])
    together = run([options.plainsight, "text", "--plain", "--ocr", "off", *files], SECONDS * len(files))
    result.ours = together.cpu - alone
    if together.code not in (0, 3):
        print(f"{form}: reading all in one process ended with {together.code}", file=sys.stderr)
    return result


def start(command):
    """CPU seconds of a start: the median of five."""
    return statistics.median(run(command).cpu for _ in range(5))


def count(result, name, expected, ours, options):
    total = expected.total()
    hit = expected.found_in(ours)
    result.recalls[name] = hit / total
    result.hit += hit
    result.total += total
    result.surplus += max(0, ours.total() - hit)
    if hit == 0:
        result.lost.append(name)
    if options.details:
        with open(options.details, "a", encoding="utf-8") as out:
            missing = expected.missing_in(ours).most_common(40)
            line = {"file": name, "recall": hit / total, "words": total, "ours": ours.total(), "missing": missing}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def table(results):
    print(f"{'':8}{'files':>6}{'counted':>9}{'words':>10}{'macro':>8}{'micro':>8}{'lost':>6}{'surplus':>9}"
          f"{'CPU s':>9}{'theirs':>9}{'ratio':>8}{'MiB':>6}{'slowest':>9}")
    for result in results:
        counted = len(result.recalls)
        left = sum(result.left_out.values())
        macro, micro = result.macro() or 0.0, result.hit / result.total if result.total else 0.0
        surplus = result.surplus / result.total if result.total else 0.0
        ratio = result.theirs / result.ours if result.ours > 0 else 0.0
        print(f"{result.form:8}{counted + left:6}{counted:9}{result.total:10}{macro:8.4f}{micro:8.4f}{len(result.lost):6}"
              f"{surplus:9.2f}{result.ours:9.2f}{result.theirs:9.2f}{ratio:8.1f}{result.peak[0]:6.0f}{result.slowest[0]:8.2f}s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--plainsight", default="target/release/plainsight")
    parser.add_argument("--formats", default=" ".join(FORMATS), help="only these, as in 'pdf docx'")
    parser.add_argument("--floor", action="append", default=[], metavar="FORMAT=RECALL",
                        help="exit 1 if the macro recall of a format or family (pdf, office, legacy) is less, or a file is lost")
    parser.add_argument("--witness", help="a command that prints the text of a PDF, as in 'mutool draw -q -F txt'")
    parser.add_argument("--cache", type=pathlib.Path, help="keeps what LibreOffice made of each document")
    parser.add_argument("--details", help="appends a line of JSON for each document: recall and words missed")
    parser.add_argument("--worst", type=int, default=10, help="how many documents of a format are named")
    options = parser.parse_args()
    options.cache = options.cache or pathlib.Path(tempfile.mkdtemp())
    options.cache.mkdir(parents=True, exist_ok=True)

    found = collections.defaultdict(list)
    for folder in options.folders:
        for file in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            form = FORMAT_OF.get(file.suffix.lower().lstrip("."))
            if form in options.formats.split() and file.is_file():
                found[form].append(file)
    results = [measure(form, found[form], options) for form in FORMATS if found[form]]
    table(results)
    for result in results:
        worst = sorted(result.recalls.items(), key=lambda item: item[1])[: options.worst]
        print(f"\n{result.form}: left out {dict(result.left_out)}; most memory {result.peak[1]}; slowest {result.slowest[1]}")
        if result.computed:
            print(f"  left out besides: {result.computed} numbers that formulas make")
        if result.contested:
            everything = [*result.recalls.values(), *result.contested.values()]
            print(f"  macro recall with the contested ones {statistics.fmean(everything):.4f} of {len(everything)}")
        for name, recall in worst:
            print(f"  {recall:.3f} {'LOST ' if name in result.lost else ''}{name}")
    return check_floors(results, options.floor)


def check_floors(results, floors):
    failed = 0
    for floor in floors:
        family, _, least = floor.partition("=")
        members = [result for result in results if result.form in FAMILIES.get(family, [family])]
        recalls = [recall for result in members for recall in result.recalls.values()]
        lost = sum(len(result.lost) for result in members)
        macro = statistics.fmean(recalls) if recalls else 0.0
        fails = macro < float(least) or lost
        print(f"\n{family}: macro recall {macro:.4f} of {len(recalls)} documents, floor {least}, {lost} lost: {'FAILED' if fails else 'ok'}")
        failed |= bool(fails)
    return failed


if __name__ == "__main__":
    sys.exit(main())
