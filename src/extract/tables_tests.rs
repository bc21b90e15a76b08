//! Tables in plain text become rows whose cells carry the names of their columns.
#![allow(clippy::format_collect, clippy::format_push_string, reason = "test inputs are short")]

use super::plain::Plain;
use crate::model::Shape;
use crate::open::collect::collect;
use crate::open::reader::TEXT_CHUNK;

/// Every piece as `line label=text`; `¶` before the first one of a record, `~` where it is prose.
fn pieces(text: &str) -> Vec<String> {
    let got = collect(&Plain, "a.txt", text.as_bytes());
    assert!(got.error.is_none() && got.gaps.is_empty());
    let mut record = None;
    let mut pieces = Vec::new();
    for text in &got.texts {
        for piece in text.pieces() {
            let content = text.piece_content(piece.start).trim_end_matches(['\t', '\n']);
            let label = piece.label.as_deref().map(|label| format!("{label}=")).unwrap_or_default();
            let start = if record.replace(piece.record) == Some(piece.record) { "" } else { "¶" };
            let shape = if text.shape() == Shape::Prose { "~" } else { "" };
            pieces.push(format!("{start}{shape}{} {label}{content}", piece.place.line.unwrap()));
        }
    }
    pieces
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(pieces(text), expected, "{text}");
}

/// The same table whatever way it is written.
#[track_caller]
fn check_people(text: &str) {
    let got = pieces(text);
    let has = |wanted: &str| got.iter().any(|piece| piece.trim_start_matches('¶').split_once(' ').unwrap().1 == wanted);
    for wanted in ["Nome=Anna Bruni", "CF=BRNNNA80A41H501S", "Nome=Ugo Neri", "CF=NREGUO70A01H501C"] {
        assert!(has(wanted), "{wanted} in {got:?}");
    }
    let rows = got.iter().filter(|piece| piece.starts_with('¶') && piece.contains("Nome=")).count();
    assert_eq!(rows, 2, "{got:?}");
}

#[test]
fn ways_to_write_a_table() {
    check_people("| Nome | CF |\n|---|:-:|\n| Anna Bruni | BRNNNA80A41H501S |\n| Ugo Neri | NREGUO70A01H501C |\n");
    check_people(
        "Elenco:\n| Nome | CF |\n| Anna Bruni | BRNNNA80A41H501S |\n| Ugo Neri | NREGUO70A01H501C |\n\nFine.\n",
    );
    check_people("Nome | CF\n--- | ---\nAnna Bruni | BRNNNA80A41H501S\nUgo Neri | NREGUO70A01H501C\n");
    check_people(
        "+------------+------------------+\n| Nome       | CF               |\n+------------+------------------+\n\
         | Anna Bruni | BRNNNA80A41H501S |\n| Ugo Neri   | NREGUO70A01H501C |\n+------------+------------------+\n",
    );
    check_people(
        "    Nome    |        CF        \n------------+------------------\n Anna Bruni | BRNNNA80A41H501S\n \
         Ugo Neri   | NREGUO70A01H501C\n(2 rows)\n",
    );
    check_people("│ Nome │ CF │\n├──────┼────┤\n│ Anna Bruni │ BRNNNA80A41H501S │\n│ Ugo Neri │ NREGUO70A01H501C │\n");
    check_people("ecco i dati\nNome\tCF\nAnna Bruni\tBRNNNA80A41H501S\nUgo Neri\tNREGUO70A01H501C\nciao\n");
    check_people("ecco i dati\nNome;CF;\nAnna Bruni;BRNNNA80A41H501S;\nUgo Neri;NREGUO70A01H501C;\n");
    check_people("Nome          CF\nAnna Bruni    BRNNNA80A41H501S\nUgo Neri      NREGUO70A01H501C\n");
    check_people(
        "  Nome          CF\n---------------------------\n  Anna Bruni    BRNNNA80A41H501S\n  Ugo Neri      NREGUO70A01H501C\n",
    );
    check_people(
        "Nome       CF\n---------- ----------------\nAnna Bruni BRNNNA80A41H501S\nUgo Neri   NREGUO70A01H501C\n",
    );
    check_people(
        "INSERT INTO t (Nome, CF) VALUES ('Anna Bruni', 'BRNNNA80A41H501S'), ('Ugo Neri','NREGUO70A01H501C');\n",
    );
    check_people(
        "create table if not exists `hr`.`T` (\n  `Nome` varchar(60) DEFAULT 'a,b', -- x, y\n  `CF` char(16) NOT NULL,\n  \
         PRIMARY KEY (`CF`)\n) ENGINE=InnoDB;\nINSERT INTO `T` VALUES ('Anna Bruni','BRNNNA80A41H501S');\n\
         INSERT INTO `T` VALUES ('Ugo Neri','NREGUO70A01H501C');\n",
    );
    check_people(
        "INSERT [dbo].[t] ([Nome], [CF]) VALUES (N'Anna Bruni', N'BRNNNA80A41H501S')\nGO\n\
                  INSERT [dbo].[t] ([Nome], [CF]) VALUES (N'Ugo Neri', CAST(N'NREGUO70A01H501C' AS char))\nGO\n"
            .replace("CAST(N'NREGUO70A01H501C' AS char)", "'NREGUO70A01H501C'::text")
            .as_str(),
    );
    check_people(
        "COPY public.t (\"Nome\", \"CF\") FROM stdin;\nAnna Bruni\tBRNNNA80A41H501S\nUgo Neri\tNREGUO70A01H501C\n\\.\n\nx\n",
    );
}

#[test]
fn places_and_what_stands_around() {
    check(
        "Prima.\nINSERT INTO t\n  (nome, nota)\nVALUES\n  ('O''Neil', NULL),\n  -- due\n  ('D\\'A',\n   'una\nriga'); -- fine\nDopo.\n",
        &[
            "¶~1 Prima.",
            "¶2 INSERT INTO t\n  (nome, nota)\nVALUES",
            "¶5 nome=O'Neil",
            "5 nota=",
            "¶6 -- due",
            "¶7 nome=D'A",
            "8 nota=una\nriga",
            "¶~9  -- fine\nDopo.",
        ],
    );
    check("| A | B |\n|---|---|\n| x \\| y | 1 |\n\ntesto\n", &["¶1 A", "1 B", "¶3 A=x \\| y", "3 B=1", "¶~5 testo"]);
    check(
        "| Campo | Valore |\n|---|---|\n| Nome | Anna |\n| Data di nascita | 1.2.1980 |\n| Diagnosi | asma |\n",
        &[
            "¶1 Campo",
            "1 Valore",
            "¶3 Nome: ",
            "3 Nome=Anna",
            "4 Data di nascita: ",
            "4 Data di nascita=1.2.1980",
            "5 Diagnosi: ",
            "5 Diagnosi=asma",
        ],
    );
}

#[test]
fn records_of_a_console() {
    let expected = ["Nome=Anna", "nato=1980-02-01 10:30", "Nome=Ugo"];
    for text in [
        "-[ RECORD 1 ]--------\nNome | Anna\nnato | 1980-02-01 10:30\n-[ RECORD 2 ]--------\nNome | Ugo\nnato | \n",
        "*************************** 1. row ***************************\n  Nome: Anna\n  nato: 1980-02-01 10:30\n\
         *************************** 2. row ***************************\n  Nome: Ugo\n  nato: NULL\n2 rows in set\n",
    ] {
        let got = pieces(text);
        for wanted in expected {
            assert!(got.iter().any(|piece| piece.ends_with(wanted)), "{wanted} in {got:?}");
        }
        assert_eq!(got.iter().filter(|piece| piece.starts_with('¶') && piece.contains("Nome")).count(), 2, "{got:?}");
    }
}

#[test]
fn a_dump_without_names_still_has_cells() {
    check(
        "INSERT INTO t VALUES (1,'a, (b)',f('x',2)),(2,\"c\",0x00);\n",
        &["¶1 INSERT INTO t VALUES", "¶1 1", "1 a, (b)", "1 f('x',2)", "¶1 2", "1 c", "1 0x00"],
    );
}

#[test]
fn what_is_no_statement_stays_text() {
    for text in [
        "Insert the card into the slot (see 3).\n",
        "insert into\n",
        "Copy the file from stdin;\n",
        "Replace the values (a, b) with others.\n",
        "INSERT INTO t SELECT a, b FROM u;\n",
        "INSERT INTO t (a, b)\nSELECT a, b FROM u;\n",
        "INSERT INTO t (a) VALUES ('never closed\nand on\n",
        "Create table\nof contents\n",
    ] {
        let got = pieces(text);
        assert!(got.iter().all(|piece| piece.starts_with("¶~") || piece.starts_with("¶1 INSERT")), "{got:?}");
        let all: String = got.iter().map(|piece| format!("{piece} ")).collect();
        assert!(text.split_whitespace().all(|word| all.contains(word)), "{got:?}");
    }
}

#[test]
fn what_is_no_table_is_read_as_before() {
    let payslip = "Codice  Descrizione              Importo\n001     Retribuzione base       1.500,00\n\
                   420     Trattenuta sindacale       12,00\nNetto                           1.100,00";
    check(payslip, &[&format!("¶~1 {payslip}")]);
    check("a  b\n----\nc  d\n", &["¶~1 a  b", "¶~2 ----", "¶~3 c  d"]);
    check("if (a || b)\n  x();\n", &["¶~1 if (a || b)\n  x();"]);
    check("+---------+\n| a note  |\n+---------+\n", &["¶~1 +---------+", "¶~2 | a note  |", "¶~3 +---------+"]);
}

#[test]
fn a_long_table_streams_and_keeps_its_labels() {
    for (head, row) in [
        ("| Nome | CF |\n|---|---|\n", "| Anna Bruni | BRNNNA80A41H501S |\n"),
        ("Nome          CF\n", "Anna Bruni    BRNNNA80A41H501S\n"),
        ("COPY t (Nome, CF) FROM stdin;\n", "Anna Bruni\tBRNNNA80A41H501S\n"),
        ("INSERT INTO t (Nome, CF) VALUES\n", "('Anna Bruni','BRNNNA80A41H501S'),\n"),
        ("INSERT INTO t (Nome, CF) VALUES", "('Anna Bruni','BRNNNA80A41H501S'),"),
    ] {
        let text = head.to_owned() + &row.repeat(30_000);
        let got = collect(&Plain, "a.txt", text.as_bytes());
        assert!(got.texts.iter().all(|text| text.len() <= 2 * TEXT_CHUNK));
        let pieces = || got.texts.iter().flat_map(|text| text.pieces().iter().map(move |piece| (text, piece)));
        let people = pieces()
            .filter(|(text, piece)| {
                piece.label.as_deref() == Some("CF") && text.piece_content(piece.start).trim() == "BRNNNA80A41H501S"
            })
            .count();
        assert_eq!(people, 30_000, "{head}");
    }
}

#[test]
fn a_tuple_that_never_ends_costs_its_lines() {
    let text = "INSERT INTO t (a) VALUES ('x\n".to_owned() + &"RSSMRA80A01H501U e altro\n".repeat(20_000);
    let got = collect(&Plain, "a.txt", text.as_bytes());
    let words: usize = got.texts.iter().map(|text| text.content().matches("RSSMRA80A01H501U").count()).sum();
    assert_eq!(words, 20_000);
    let last = got.texts.last().unwrap();
    assert_eq!(last.place(last.content().trim_end().rfind('\n').unwrap() + 1).line, Some(20_001));
}

#[test]
fn every_word_survives() {
    let signs = [
        "'",
        "(",
        ")",
        ",",
        ";",
        "\\",
        "\"",
        "\n",
        " | ",
        "\t",
        "  ",
        "--",
        "\n|---|---|\n",
        "`",
        "\n\n",
        "\nINSERT INTO t (a,b) VALUES (",
        "\nCOPY t (a, b) FROM stdin;\n",
        "\n+---+---+\n",
        "\nCREATE TABLE t (a int,",
        " ",
    ];
    let mut seed = 3u64;
    for _ in 0..300 {
        let mut text = String::new();
        for i in 0..300 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(&format!("w{i}x{}", signs[usize::try_from(seed >> 33).unwrap() % signs.len()]));
        }
        let got = collect(&Plain, "a.txt", text.as_bytes());
        let content = got.content();
        for i in 0..300 {
            assert!(content.contains(&format!("w{i}x")), "w{i}x of {text}\nis not in\n{content}");
        }
        // Places are exact: a word stands on the line that is told.
        let lines: Vec<&str> = text.lines().collect();
        for found in &got.texts {
            for i in 0..300 {
                let word = format!("w{i}x");
                if let Some(at) = found.content().find(&word) {
                    let line = usize::try_from(found.place(at).line.unwrap()).unwrap();
                    let is_head = found.piece_content(at).starts_with("INSERT");
                    assert!(is_head || lines[line - 1].contains(&word), "{word} is told on line {line} of {text}");
                }
            }
        }
    }
}
