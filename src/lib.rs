//! Plainsight finds the personal data that lies unencrypted on file shares: this is the map of the code.
//!
//! One question, answered for a whole share: which files hold personal data, and which of those
//! can anybody who copies them read? The binary is thin; everything is here, so that tests,
//! benches and other programs reach it. The interface of the *program* (command line, exit
//! codes, JSON Lines) is stable; that of the library is not.
//!
//! # How a scan runs
//!
//! ```text
//!  source ──entries──▶ scan ──▶ identify ──▶ open / extract ──text──▶ detect ──matches──▶ judge
//!  (walk)             (units,     (bytes      (readers push into        (patterns/)        (whose, how sure,
//!                      workers)    first)      a sink; members                              how bad)
//!                        ▲                     go back to identify)                            │
//!                        └───────────────────────── one record an item ◀───────────────────────┘
//!                        │
//!                        ▼  one writer thread
//!                      report (terminal, JSON Lines)
//! ```
//!
//! 1. [`source`] walks the roots in parallel and tells every entry: a file, something that is
//!    skipped, or something that cannot be listed.
//! 2. [`scan`] asks the state, if there is one, which files need not be read again, puts small
//!    files together into units, hands them to worker processes (or, with `--isolation off`,
//!    threads), watches them, and writes from one thread: to the state and to the reports.
//! 3. For each file a worker opens it, [`identify`]s it by content, and calls the
//!    [`open::Reader`] of its format. Readers of containers and of documents are the same thing:
//!    they *push* text, members and the protection verdict into an [`open::Sink`]. A member is
//!    an item like any other and goes through the same steps, one level deeper. Of a copy of what
//!    it has just read it hashes the bytes, and tells the same ([`scan::copies`]).
//! 4. [`detect`] runs all detectors over each [`model::Text`]; [`judge`] decides what the matches
//!    mean together: the data subject of each record, confidence, category, severity.
//! 5. One [`model::ItemRecord`] an item leaves the worker; [`report`] renders it.
//!
//! `plainsight explain` takes the same way with one file ([`scan::explain`]) and asks the judge
//! for its reasons: what became of every match ([`judge::Fate`]).
//!
//! # How detectors run
//!
//! `build.rs` reads patterns/ and embeds the detectors, what their patterns can begin with
//! (`detect::start`), all their words, ready to be looked up (`detect::lexicon`; made anew only for who has
//! detectors of his own), and the states of every pattern that has few enough of them
//! (`detect::automaton`, tables of our own that need no reading); those of the few others are made as they are met.
//! Letters in patterns are those of Europe (`detect::expression`). [`detect::Engine::find`] takes a
//! text in three steps, so that its cost grows little with the number of detectors.
//!
//! 1. One pass (`detect::words`) cuts the text into runs of letters and digits, 64 bytes at a time,
//!    and gives each folded run a key of 64 bits. Filters (`detect::heads`) say for almost all runs,
//!    with the first letters of the next one, that nothing begins there: no phrase, context word,
//!    first name, or word with which a pattern begins. Runs with digits are kept as numbers.
//! 2. `detect::candidates` says where which detector is worth trying. Numbers (`detect::numbers`) by
//!    the shape of the run that holds the first digit, the two bytes on either side of it, the run
//!    behind the next sign, and the words near by: sets of bits, met sixty-four detectors at a time.
//!    Others by the words they begin with, by what they hold (`@`), around first names, beside their
//!    context words, under their labels. Looking back from a digit or an `@` ends at a byte that cannot
//!    stand there, and a place counts only if the first letters and what stands behind the first word
//!    (`detect::beginnings`, `detect::opening`) allow a match.
//! 3. Only there the pattern runs, then its check, then the surroundings are weighed. At last
//!    `detect::column` looks at the columns that nothing names: one in which most of many different
//!    values pass the same check, more than chance allows, is a column of that.
//!
//! `detect::reference` tries every detector at every place; a test compares the two. A pattern
//! that fits none of these ways is tried at every word and costs accordingly.
//!
//! # Modules, in the direction of the data
//!
//! | module | what it is | may import |
//! |---|---|---|
//! | [`model`] | the words that all stages share, and the record; data only | nothing |
//! | [`source`] | the walk, entries, filters, times, who may read; names and health of shares, and the pace at which they are read; git repositories (`source::git`) | `model` |
//! | [`identify`] | what a file is | `model` |
//! | [`open`] | the seam of a format (reader, sink, budget, input), containers, sealed files | `model` `source` `identify` |
//! | [`extract`] | text out of documents and pictures, each piece with its place | `model` `identify` `open` |
//! | [`detect`] | patterns/ against text: catalogue, engine, checks, context | `model` |
//! | [`judge`] | from matches to a judgement: subject, confidence, severity | `model` `extract` `detect` |
//! | [`store`] | what was said of every file, between scans | `model` |
//! | [`report`] | terminal summary, JSON Lines, the page, tables (also Parquet), SARIF and OCSF, papers for Art. 30 and 33, list of people; manifest and its signature, sealing; what a check says (`report::check`) | `model` |
//! | [`scan`] | the conductor; knows the order; worker processes and their sandbox (`scan::process`), the state (`scan::state`), checks of repositories (`scan::check`), the list of formats (`scan::formats`) | every stage |
//! | [`cli`] | arguments in, exit code out | `scan`, `store`, configurations |
//!
//! `tests/architecture.rs` fails when an import goes against this table.
//!
//! # Invariants
//!
//! **Invariant: nothing vanishes.** Every entry of the walk and every member inside it ends in
//! exactly one [`model::Outcome`] with its [`model::Reason`]s, and the counts of the summary add
//! up to the walk. A reader that leaves something out says so with [`open::Sink::gap`] or
//! [`open::Sink::member_unread`]. An item without an outcome counts as unreadable.
//!
//! **Invariant: encryption is an answer.** A [`model::Protection`] is a verdict with evidence.
//! Only [`model::State::Strong`] counts as protected; content behind anything else that was not
//! read is a gap, and the scan is not complete.
//!
//! **Invariant: one hostile file costs one file.** Every loop over untrusted input spends the
//! [`open::Budget`] of the file on the share: depth, members, unpacked bytes, ratio, time. A
//! panic in a parser is caught around each item ([`scan::crash`]). Files are read in worker
//! processes ([`scan::process`]): a stack overflow, a failed allocation, a hang or a kill ends one
//! worker and costs one file, which is tried at most twice unless something else killed the worker.
//! Time and ratio are granted by the bytes that are stored, so that a sparse file buys none.
//!
//! **Invariant: a share that fails costs its own files.** Errors are tried again by class; a mount
//! that does not answer a probe is given up, its entries are told as `share_unavailable`, and the
//! other roots are read. Modes that a mount makes up are not believed. Nothing is concluded gone
//! where nobody could look.
//!
//! **Invariant: the share is only read.** Files are opened without following links and, where
//! the system allows it, without touching access times. Only [`report::AtomicFile`] creates
//! files, and [`store`] its state; only `scan::scratch` unpacks to disk, into a file without a name in
//! the system's temporary directory. There is no network code. On Linux a worker is shut in by
//! Landlock and seccomp; the summary says what was in force.
//!
//! **Invariant: clear values stay in `detect` and `judge`.** They travel as [`detect::Clear`],
//! which prints nothing of itself. What leaves is a [`model::Sample`] and keyed hashes
//! (BLAKE3 in its keyed mode; a fresh key every run unless `--key-file` is given), also of contents: a plain hash of a known
//! form would give away the one number in it. Two exceptions are typed by the user: `--reveal`, and `plainsight text`.
//!
//! **Invariant: a repository cannot exempt itself.** `check` takes a configuration only from
//! `--config`; what marks and a baseline accept is listed.
//!
//! **Invariant: a word is not a person.** A category of Art. 9 or 10 GDPR, or payroll, is a
//! finding only beside a data subject of the same record, passage or one-person document; or in a list of names,
//! of whose title, file or sheet it is the name (`judge::roll`, `judge::pay_list`).
//! In program text and lists of changes (`judge::register`) every entry has its author: there, a word
//! counts only beside more than a name and an address in the same record. In a law nobody is spoken of
//! as in a note. In both, names count that a known first name confirms.
//!
//! **Invariant: memory is bounded whatever the file size.** Readers stream and flush text at
//! about [`open::reader::TEXT_CHUNK`]; idle workers detect in the texts of one large item
//! ([`scan::helpers`]), which the judge takes in their order; the judge keeps a bounded number of findings and people
//! and counts the rest; channels are bounded.
//!
//! # Where this differs from the plan of record
//!
//! - [`model::Text`] lives in `model`, not in `extract`: the sink of `open` carries it and
//!   `detect` reads it, so both depend on `model` alone.
//! - PDF text is assembled here on hayro's object parser and fonts rather than taken from a
//!   text-extraction crate: on the pdf.js documents it reaches a word recall of about 0.946 (macro, `tests/recall.py`)
//!   against pdftotext at a fraction of its CPU time (0.957 where a third reader finds what pdftotext does: elsewhere
//!   that says numbers of glyphs), and every loop over pages is ours to bound.
//! - Sheets, compound files and zip directories are read by our own streaming readers: members
//!   of one name, comments and hidden sheets are kept, and nothing is held in memory whole.
//! - rar, LHA, `.Z`, ISO, cabinets, ar, cpio, rpm, pst, SQLite, Access, dBase, Parquet and Avro are read by decoders of our own
//!   (`open::decode` has the shared bits, prefix codes and window; `extract::rows` writes tables): the libraries looked
//!   at are C code, hold what a file declares, or need to own their input; that of Parquet, which
//!   writes our report, allocates what a page declares. A message of a store has no bytes of its own: its
//!   container pushes it ([`open::Sink::item`]).
//! - Text recognition stands behind a seam of its own ([`open::recognition`]): `extract::image` and the PDF reader decode
//!   pictures and hand them to [`open::Budget::recognise`], which grants it a time of its own; `extract::ocr` finds, turns,
//!   reads and mends lines with two small models on a runtime in pure Rust. The models are read, checked by their hash, when the first
//!   picture comes.
//! - Passwords ([`open::passwords`]: known ones, and those that lie beside a sealed file, which `scan::keyring` gathers) are
//!   tried within a budget of hash rounds; what opens is `weak`.
//! - A state is kept only if `--state` names it; resuming is the incremental scan itself, without states of
//!   directories, and what was seen is a set of bits, not a write a file. Findings and people of an item are lists in
//!   its row: rows of their own cost more than all else that is written.
//! - Workers are child processes that a keeper thread each feeds and watches; records cross as JSON frames. The first is
//!   started before the scan has its own detectors. Both load them without references, examples and lists of words, which
//!   build.rs keeps apart.
//! - The program allocates with mimalloc (`main.rs`): some 5 % less processor time, for some 20 MB more in a worker.
//! - Copies are told by the content of files that show something, hashed in a second pass over them: clean files cost
//!   nothing, and a copy is still read like any other file.
//! - Reports are sealed by a writer of the age format of our own (`report::seal`) on RustCrypto's primitives: the `age` crate
//!   brings some eighty crates that nothing else here needs.
//! - Git is read through the small parts of gix (index, objects, refs), not the whole of it. Of a history each version of a
//!   file is read as far as it can bring something: not at all, around what changed, or whole (`scan::check::brought`). They
//!   come out of the repository newest first, for the older ones are stored as differences from them.
//! - A few names alone are no exposure: every office file has an author. They are listed as
//!   findings, with severity `none` for the item.
//! - `rayon` and `walkdir` are not used directly: the walk is `ignore`'s (on `walkdir`'s types),
//!   and workers take units from a bounded channel, which gives back-pressure and lets a stuck
//!   worker be replaced; a work-stealing pool gives neither.
//! - A strongly sealed file does not make a scan incomplete: its protection is the answer. An
//!   encryption that does not hold, with content unread, does.

pub mod cli;
pub mod detect;
pub mod extract;
pub mod identify;
pub mod judge;
pub mod model;
pub mod open;
pub mod report;
pub mod scan;
pub mod source;
pub mod store;
