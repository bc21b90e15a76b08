//! The detection engine alone, in memory, on one thread: megabytes a CPU-second, and how that compares with reading the bytes.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench")]

mod corpus;

use std::hint::black_box;
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::Instant;

use plainsight::detect::{Catalogue, Engine};
use plainsight::extract::csv::Csv;
use plainsight::extract::plain::Plain;
use plainsight::model::Text;
use plainsight::model::{Name, Protection, Reason};
use plainsight::open::budget::{Budget, Limits};
use plainsight::open::input::Input;
use plainsight::open::reader::{Member, ReadError, Reader, Sink};

const BYTES: usize = 32 << 20;
const REPETITIONS: usize = 5;

fn main() {
    let mixed = corpus::mixed(BYTES, 1);
    let payroll = corpus::payroll(BYTES / 2, 2);
    let texts = [("mixed", read(&Plain, "mixed.txt", &mixed)), ("payroll", read(&Csv, "payroll.csv", &payroll))];
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(mixed.as_bytes()).unwrap();

    let all = Catalogue::built_in().unwrap();
    let count = all.detectors().len();
    let engines: Vec<(usize, Engine)> = [10, 50, 150, usize::MAX]
        .into_iter()
        .filter(|n| *n < count || *n == usize::MAX)
        .map(|n| (n.min(count), Engine::new(&spread(&all, n))))
        .collect();

    // `cargo bench --bench engine -- payroll all`: one text, the whole catalogue alone.
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let is_asked = |name: &str| asked.iter().any(|arg| arg == name);
    let one_text = texts.iter().any(|(name, _)| is_asked(name));
    let engines = engines.get(if is_asked("all") { engines.len() - 1 } else { 0 }..).unwrap_or_default();

    println!("{:<10}{:>10}{:>12}{:>14}{:>12}", "text", "detectors", "MB/CPU-s", "of read+memchr", "matches/MB");
    for (name, texts) in texts.iter().filter(|(name, _)| !one_text || is_asked(name)) {
        let bytes: usize = texts.iter().map(Text::len).sum();
        let mut rates = Vec::new();
        for (n, engine) in engines {
            let mut found = 0;
            let mut runs: Vec<(f64, f64)> = (0..REPETITIONS)
                .map(|_| {
                    // Side by side, so that a busy neighbour slows both.
                    let reading = seconds(|| read_and_search(&mut file)) / mixed.len() as f64;
                    let finding = seconds(|| found = texts.iter().map(|text| black_box(engine.find(text)).len()).sum());
                    (bytes as f64 / finding / 1e6, reading / (finding / bytes as f64))
                })
                .collect();
            runs.sort_by(|a, b| a.1.total_cmp(&b.1));
            let (rate, ratio) = runs[REPETITIONS / 2];
            rates.push(rate);
            println!("{name:<10}{n:>10}{rate:>12.0}{ratio:>14.3}{:>12.0}", found as f64 / (bytes as f64 / 1e6));
        }
        let (fewest, most) = (rates.first().unwrap(), rates.last().unwrap());
        println!("{name}: all detectors cost {:.2} times what 10 cost", fewest / most);
    }
}

/// Keeps the texts that a reader pushes.
#[derive(Default)]
struct Texts(Vec<Text>);

impl Sink for Texts {
    fn text(&mut self, text: Text) -> Result<(), ReadError> {
        self.0.push(text);
        Ok(())
    }

    fn member(&mut self, _member: Member, _content: &mut dyn Read) -> Result<(), ReadError> {
        Ok(())
    }

    fn member_unread(&mut self, _member: Member, _reason: Reason, _detail: &str) {}

    fn protection(&mut self, _protection: Protection) {}

    fn refine(&mut self, _media_type: &'static str) {}

    fn gap(&mut self, _reason: Reason, _detail: &str) {}
}

fn read(reader: &dyn Reader, name: &str, text: &str) -> Vec<Text> {
    let budget = Budget::new(Limits::default(), text.len() as u64, std::sync::Arc::default());
    let mut input = Input::bytes(text.as_bytes(), &budget, Name::from(name));
    let mut texts = Texts::default();
    reader.read(&mut input, &budget, &mut texts).unwrap();
    texts.0
}

/// `n` detectors from all over the catalogue.
fn spread(all: &Catalogue, n: usize) -> Catalogue {
    let count = all.detectors().len();
    let mut catalogue = all.clone();
    let mut index = 0;
    catalogue
        .retain(|_| {
            index += 1;
            n >= count || (index - 1) * n / count != index * n / count
        })
        .unwrap();
    catalogue
}

/// What any program must do: get the bytes from the page cache and look at them once.
fn read_and_search(file: &mut std::fs::File) -> usize {
    let mut buffer = vec![0; 256 << 10];
    let mut lines = 0;
    file.seek(SeekFrom::Start(0)).unwrap();
    loop {
        let read = file.read(&mut buffer).unwrap();
        if read == 0 {
            return black_box(lines);
        }
        lines += memchr::memchr_iter(0, &buffer[..read]).count();
    }
}

/// CPU time of this thread where the system tells it, else time.
fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let cpu = || -> Option<f64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
    };
    let (before, start) = (cpu(), Instant::now());
    black_box(work());
    match (before, cpu()) {
        (Some(before), Some(after)) => after - before,
        _ => start.elapsed().as_secs_f64(),
    }
}
