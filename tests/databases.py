"""Compares what the readers of databases extract with what independent readers of the same files say, row by row.

Usage: databases.py PLAINSIGHT. Exits with 1 at the first difference of a file, and names it.
"""

import csv
import io
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

LINE = re.compile(r"^\[sheet (?P<table>.*?), cell [A-Z]+(?P<row>[0-9]+) \| (?P<label>.*?)\] (?P<text>.*)$")


def extracted(program, path):
    """Table -> row -> label -> text, as the program reads the file."""
    out = subprocess.run([program, "text", path], capture_output=True, check=False)
    tables = {}
    for line in out.stdout.decode().split("\n"):
        if found := LINE.match(line):
            row = tables.setdefault(found["table"], {}).setdefault(int(found["row"]), {})
            row[found["label"]] = row.get(found["label"], "") + found["text"]
    return {table: [rows[number] for number in sorted(rows)] for table, rows in tables.items()}, out.stderr.decode()


def shown(value):
    if value is None:
        return ""
    if isinstance(value, float):
        if abs(value) >= 1e18:
            return f"{value:e}"
        return repr(int(value)) if value == int(value) else format_float(value)
    if isinstance(value, bytes):
        return "blob"
    return str(value)


def format_float(value):
    text = repr(value)
    if "e" not in text:
        return text
    return f"{value:.400f}".rstrip("0")


def same(mine, theirs):
    if mine == theirs:
        return True
    try:
        return float(mine) == float(theirs)
    except ValueError:
        return False


def differences(mine, theirs):
    if len(mine) != len(theirs):
        yield f"{len(mine)} rows, and {len(theirs)} by the other reader"
    for number, (a, b) in enumerate(zip(mine, theirs)):
        for label in sorted(a.keys() | b.keys()):
            if not same(a.get(label, ""), b.get(label, "")):
                yield f"row {number + 1}, {label}: {a.get(label)!r:.80} and {b.get(label)!r:.80}"


WORDS = "Laura Jörg Zoë via Roma Straße Šimková città 12 2001-01-01 BNCLRA85C52L219K x 漢字 😀 é".split()


def a_value(random_):
    kind = random_.randrange(12)
    if kind == 0:
        return None
    if kind <= 3:
        bits = random_.choice([1, 7, 8, 15, 16, 23, 24, 31, 32, 40, 47, 48, 62, 63])
        return random_.choice([-1, 1]) * random_.getrandbits(bits) - random_.randrange(2)
    if kind == 4:
        return random_.choice([0, 1])
    if kind == 5:
        return random_.choice([0.5, -1.25, 1e10, 3.0, 1e300, 2.5e-7, random_.random() * 1000])
    length = random_.choice([1, 2, 5, 30, 30, 200]) if random_.randrange(50) else random_.choice([2000, 20000])
    return " ".join(random_.choice(WORDS) for _ in range(length))


def sqlite_database(path, random_, page_size, encoding, rows, vacuum):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA page_size={page_size}")
    db.execute(f"PRAGMA encoding='{encoding}'")
    db.execute(f"PRAGMA auto_vacuum={random_.randrange(3)}")
    db.execute("BEGIN")
    db.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, a, b, c, d)")
    db.execute('CREATE TABLE "odd name" (a INT, "two words" TEXT, k INTEGER, CHECK (k > 0), PRIMARY KEY (k DESC))')
    db.execute("CREATE TABLE keyed (a, b, c TEXT, n INT, PRIMARY KEY (c, n)) WITHOUT ROWID")
    db.execute("CREATE TABLE computed (a, twice AS (a || a), b, kept AS (length(b)) STORED)")
    ids = random_.sample(range(-(rows * 9), rows * 9), rows)
    db.executemany("INSERT INTO plain VALUES (?,?,?,?,?)", ([i] + [a_value(random_) for _ in range(4)] for i in ids))
    many = max(1, rows // 10)
    some = range(many)
    db.executemany('INSERT INTO "odd name" VALUES (?,?,?)', ((a_value(random_), f"t {i}", i + 1) for i in some))
    keyed = ((a_value(random_), a_value(random_), f"k{random_.getrandbits(40)}" + "y" * (i % 300), i) for i in some)
    db.executemany("INSERT INTO keyed VALUES (?,?,?,?)", keyed)
    db.executemany("INSERT INTO computed (a, b) VALUES (?,?)", ((f"w{i}", f"v{i % 7}") for i in some))
    db.execute("ALTER TABLE plain ADD COLUMN later TEXT DEFAULT 'the default'")
    db.execute("CREATE INDEX i ON plain (a, b)")
    db.execute("COMMIT")
    # Holes, and pages that go to the list of free ones.
    db.execute("DELETE FROM plain WHERE id % 3 = 0")
    if vacuum:
        db.execute("VACUUM")
    orders = {"plain": "id", "odd name": "k", "keyed": "c, n", "computed": "rowid"}
    expected = {}
    for table, order in orders.items():
        cursor = db.execute(f'SELECT * FROM "{table}" ORDER BY {order}')
        names = [column[0] for column in cursor.description]
        hidden = {"twice"}
        expected[table] = [
            {n: shown(v) for n, v in zip(names, row) if v is not None and v != "" and n not in hidden}
            for row in cursor
        ]
    db.close()
    return expected


def check_sqlite(program, folder):
    random_ = random.Random(20240301)
    compared = 0
    for page_size in [512, 1024, 4096, 8192, 65536]:
        for encoding in ["UTF-8", "UTF-16le", "UTF-16be"]:
            for vacuum in [False, True]:
                path = folder / f"{page_size}-{encoding}-{vacuum}.db"
                rows = 20_000 if (page_size, encoding, vacuum) == (4096, "UTF-8", False) else 600
                expected = sqlite_database(path, random_, page_size, encoding, rows, vacuum)
                compared += compare(program, path, expected)
                path.unlink()
    return compared


def check_access(program):
    """Against mdbtools, which prints dates with a time and truth values as numbers."""
    compared = 0
    for path in sorted((Path(__file__).parent.parent / "fixtures" / "access").iterdir()):
        dates = ["-D", "%Y-%m-%d", "-T", "%Y-%m-%d %H:%M:%S", "-b", "strip"]
        out = subprocess.run(["mdb-export", *dates, path, "Dipendenti"], capture_output=True, check=True).stdout
        rows = []
        for row in csv.DictReader(io.StringIO(out.decode())):
            row["Attivo"] = {"0": "false", "1": "true"}[row["Attivo"]]
            rows.append({k: v.removesuffix(" 00:00:00") for k, v in row.items() if v and k != "Allegato"})
        compared += compare(program, path, {"Dipendenti": rows})
    return compared


def compare(program, path, expected):
    mine, errors = extracted(program, path)
    faults = [f"{table}: {fault}" for table in expected for fault in differences(mine.get(table, []), expected[table])]
    if faults or errors.strip():
        sys.exit(f"{path.name}: " + "\n".join([errors.strip(), *faults[:10]]))
    return sum(len(rows) for rows in expected.values())


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        print(f"sqlite: {check_sqlite(program, Path(folder))} rows as sqlite3 {sqlite3.sqlite_version} reads them")
    if shutil.which("mdb-export"):
        print(f"access: {check_access(program)} rows as mdbtools reads them")
    else:
        print("databases.py: mdbtools is MISSING: Access databases were NOT compared", file=sys.stderr)


main()
