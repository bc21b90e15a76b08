//! `plainsight detectors check`: values on stdin, and what the check of a detector says of each.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use crate::cli::args::detectors::CheckArguments;
use crate::cli::exit::Exit;
use crate::detect::check::Verdict;
use crate::detect::value::ValueCheck;

pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<Exit> {
    let CheckArguments { id, catalogue } = arguments;
    let catalogue = super::catalogue(catalogue.patterns.as_deref())?;
    let check = ValueCheck::new(super::detector(&catalogue, id)?)?;
    answer(io::stdin().lock(), io::stdout().lock(), &check)?;
    Ok(Exit::Clean)
}

fn answer(input: impl Read, output: impl Write, check: &ValueCheck<'_>) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut output = BufWriter::with_capacity(1 << 16, output);
    let mut line = Vec::new();
    loop {
        // Whoever waits for answers before asking more gets them.
        if input.buffer().is_empty() {
            output.flush()?;
        }
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return output.flush();
        }
        let value = line.strip_suffix(b"\n").unwrap_or(&line);
        let verdict = std::str::from_utf8(value).map_or(Verdict::Refuted, |value| check.verdict(value));
        output.write_all(value)?;
        output.write_all(match verdict {
            Verdict::Certain => b"\tvalid\n",
            Verdict::Refuted => b"\tinvalid\n",
            Verdict::Silent => b"\tunknown\n",
        })?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;

    #[test]
    fn every_line_has_its_answer_in_order() {
        let catalogue = Catalogue::built_in().unwrap();
        let check = ValueCheck::new(catalogue.get("eu.iban").unwrap()).unwrap();
        let input = b"DE89370400440532013000\nDE89 3704\t\n\n\xff\nde89 3704 0044 0532 0130 00";
        let mut output = Vec::new();
        answer(&input[..], &mut output, &check).unwrap();
        let expected: &[u8] = b"DE89370400440532013000\tvalid\nDE89 3704\t\tinvalid\n\tinvalid\n\xff\tinvalid\n\
            de89 3704 0044 0532 0130 00\tvalid\n";
        assert_eq!(output, expected);
    }
}
