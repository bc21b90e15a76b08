//! Files that are one compressed stream: gzip, bzip2, xz, lzma, lzip, zstd, lz4 and compress.
//!
//! Specifications: RFC 1952 (gzip), the xz file format 1.2.1, RFC 8878 (zstd), the LZ4 frame
//! format 1.6.4. The one member has the name of the file without its suffix.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::identify::Format;
use crate::model::{Name, Place, Shape, Text};

use super::budget::{Budget, Unpacked};
use super::decode::Lzw;
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};

/// Memory that a decoder may take for its window.
const WINDOW_KIB: u32 = 512 << 10;

/// One compressed stream; which kind is known by its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compressed {
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Lzip,
    Zstd,
    Lz4,
    /// Of the old Unix program.
    Compress,
}

impl Reader for Compressed {
    fn name(&self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Lzma => "lzma",
            Self::Lzip => "lzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Compress => "compress",
        }
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        match self {
            Self::Gzip => &[Format::Gzip],
            Self::Bzip2 => &[Format::Bzip2],
            Self::Xz => &[Format::Xz],
            Self::Lzma => &[Format::Lzma],
            Self::Lzip => &[Format::Lzip],
            Self::Zstd => &[Format::Zstd],
            Self::Lz4 => &[Format::Lz4],
            Self::Compress => &[Format::Compress],
        }
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        budget.spend_member()?;
        let outer = input.name().clone();
        let packed_size = input.size();
        let mut packed = input.buffered();
        let mut member = Member::new(inner_name(&outer, self.suffixes()));
        member.packed_size = packed_size;
        let push = |sink: &mut dyn Sink, member: Member, content: &mut dyn Read| {
            sink.member(member, &mut Unpacked::new(budget, content))
        };
        match self {
            Self::Gzip => {
                let mut content = MultiGzDecoder::new(packed);
                if let Some(header) = content.header() {
                    if let Some(name) = header.filename().filter(|name| !name.is_empty()) {
                        member.name = Name::from_bytes(Name::from_bytes(name).file_name());
                    }
                    member.modified = Some(header.mtime())
                        .filter(|seconds| *seconds > 0)
                        .and_then(|seconds| jiff::Timestamp::from_second(i64::from(seconds)).ok())
                        .map(|time| time.to_string());
                    if let Some(comment) = header.comment().filter(|comment| !comment.is_empty()) {
                        let mut text = Text::new(Shape::Prose);
                        text.push(&String::from_utf8_lossy(comment), Place::field("comment"), 0, None);
                        sink.text(text)?;
                    }
                }
                push(sink, member, &mut content)
            }
            Self::Bzip2 => push(sink, member, &mut bzip2::bufread::MultiBzDecoder::new(packed)),
            Self::Xz => push(sink, member, &mut lzma_rust2::XzReader::new_mem_limit(packed, true, WINDOW_KIB)),
            Self::Lzip => push(sink, member, &mut lzma_rust2::LzipReader::new(packed)),
            Self::Lzma => {
                let mut content = lzma_rust2::LzmaReader::new_mem_limit(packed, WINDOW_KIB, None)
                    .map_err(|error| ReadError::from_decoder("lzma", &error))?;
                push(sink, member, &mut content)
            }
            Self::Zstd => push(sink, member, &mut ZstdFrames::new(&mut packed)),
            Self::Lz4 => push(sink, member, &mut Lz4Frames::new(packed)),
            Self::Compress => push(sink, member, &mut Lzw::new(packed)),
        }
    }
}

impl Compressed {
    pub const ALL: [Self; 8] =
        [Self::Gzip, Self::Bzip2, Self::Xz, Self::Lzma, Self::Lzip, Self::Zstd, Self::Lz4, Self::Compress];

    /// Suffixes with what is left of the name without them.
    fn suffixes(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Gzip => &[("tgz", ".tar"), ("svgz", ".svg"), ("gz", ""), ("gzip", ""), ("z", "")],
            Self::Bzip2 => &[("tbz2", ".tar"), ("tbz", ".tar"), ("tb2", ".tar"), ("bz2", ""), ("bz", "")],
            Self::Xz => &[("txz", ".tar"), ("xz", "")],
            Self::Lzma => &[("tlz", ".tar"), ("lzma", "")],
            Self::Lzip => &[("tlz", ".tar"), ("lz", "")],
            Self::Zstd => &[("tzst", ".tar"), ("zst", ""), ("zstd", "")],
            Self::Lz4 => &[("tlz4", ".tar"), ("lz4", "")],
            Self::Compress => &[("taz", ".tar"), ("z", "")],
        }
    }
}

/// `a.csv` of `dir/a.csv.gz`, `a.tar` of `a.tgz`; a name without the suffix stays as it is.
fn inner_name(outer: &Name, suffixes: &[(&str, &str)]) -> Name {
    let name = outer.file_name();
    let extension = outer.extension();
    let Some((suffix, left)) = suffixes.iter().find(|(suffix, _)| *suffix == extension) else {
        return Name::from_bytes(name);
    };
    let stem = name.get(..name.len().saturating_sub(suffix.len() + 1)).unwrap_or(name);
    Name::from_bytes([stem, left.as_bytes()].concat())
}

/// All frames of a zstd stream, one after the other, skippable ones left out.
pub(super) struct ZstdFrames<R> {
    source: BufReader<R>,
    decoder: FrameDecoder,
    in_frame: bool,
    ended: bool,
}

impl<R: Read> ZstdFrames<R> {
    pub(super) fn new(source: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(u64::from(WINDOW_KIB) << 10);
        Self { source: BufReader::with_capacity(64 << 10, source), decoder, in_frame: false, ended: false }
    }

    /// Starts the next frame; false at the end of the stream.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut (&mut self.source).take(u64::from(length)), &mut io::sink())?;
                }
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => {
                    let spent = super::budget::Spent(crate::model::Reason::MemberTooLarge);
                    return Err(spent.into());
                }
                Err(error) => return Err(decoder_error(error)),
            }
        }
        Ok(false)
    }
}

/// All frames of an LZ4 stream, one after the other, skippable ones left out.
struct Lz4Frames<R: BufRead> {
    decoder: lz4_flex::frame::FrameDecoder<R>,
    in_frame: bool,
}

impl<R: BufRead> Lz4Frames<R> {
    fn new(source: R) -> Self {
        Self { decoder: lz4_flex::frame::FrameDecoder::new(source), in_frame: false }
    }

    /// Stands in front of the next frame; false at the end of the stream.
    fn next_frame(&mut self) -> io::Result<bool> {
        let source = self.decoder.get_mut();
        while let [first, ..] = *source.fill_buf()? {
            if first & 0xf0 != 0x50 {
                return Ok(true);
            }
            // A skippable frame: its mark, its length.
            let mut header = [0; 8];
            source.read_exact(&mut header)?;
            let [_, _, _, _, length @ ..] = header;
            io::copy(&mut source.take(u64::from(u32::from_le_bytes(length))), &mut io::sink())?;
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Lz4Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame && (buffer.is_empty() || !self.next_frame()?) {
                return Ok(0);
            }
            self.in_frame = true;
            match self.decoder.read(buffer) {
                Ok(0) => self.in_frame = false,
                Ok(n) => return Ok(n),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(error),
                // The fault of the bytes and not of the share; the cause stays inside.
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
        }
    }
}

/// The decoder's error keeps its cause, where a spent budget may sit.
fn decoder_error(error: FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

impl<R: Read> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.ended || buffer.is_empty() {
                return Ok(0);
            }
            if !self.in_frame {
                self.in_frame = self.next_frame()?;
                self.ended = !self.in_frame;
                continue;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(decoder_error)?;
            }
            let n = self.decoder.read(buffer)?;
            if n > 0 {
                return Ok(n);
            }
            if let (Some(declared), Some(found)) =
                (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum())
                && declared != found
            {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum does not match"));
            }
            self.in_frame = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;
    use crate::open::Limits;
    use crate::open::collect::{collect, collect_with};

    const PEOPLE: &str = "Nome;Cognome;Reparto\nGiulia;Esempi;Magazzino\nMarco;Provetti;Contabilita\n";

    fn fixture(path: &str) -> Vec<u8> {
        std::fs::read(format!("{}/fixtures/compressed/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn check(reader: Compressed, path: &str, name: &str, tail: &str) {
        let collected = collect(&reader, path, &fixture(path));
        assert!(collected.error.is_none(), "{path}: {:?}", collected.error);
        assert_eq!(collected.member_names(), [name], "{path}");
        let content = String::from_utf8(collected.members.into_iter().next().unwrap().1).unwrap();
        assert!(content.ends_with(tail) && (tail != PEOPLE || content.len() >= PEOPLE.len()), "{path}: {content}");
    }

    #[test]
    fn one_stream_one_member() {
        check(Compressed::Gzip, "people.csv.gz", "people.csv", PEOPLE);
        check(Compressed::Gzip, "named.gz", "original.csv", PEOPLE);
        check(Compressed::Bzip2, "people.csv.bz2", "people.csv", PEOPLE);
        check(Compressed::Xz, "people.csv.xz", "people.csv", PEOPLE);
        check(Compressed::Lzma, "people.csv.lzma", "people.csv", PEOPLE);
        check(Compressed::Zstd, "people.csv.zst", "people.csv", PEOPLE);
    }

    #[test]
    fn all_streams_of_a_file_count() {
        let both = format!("si tiene giovedi.\n{PEOPLE}");
        check(Compressed::Gzip, "two-members.gz", "two-members", &both);
        check(Compressed::Bzip2, "two-streams.bz2", "two-streams", &both);
        check(Compressed::Xz, "two-streams.xz", "two-streams", &both);
        check(Compressed::Zstd, "two-frames.zst", "two-frames", &both);
    }

    #[test]
    fn lz4_frames_and_what_is_skipped() {
        use std::io::Write as _;
        let mut frame = lz4_flex::frame::FrameEncoder::new(Vec::new());
        frame.write_all(PEOPLE.as_bytes()).unwrap();
        let frame = frame.finish().unwrap();
        let skipped = [&b"\x53\x2a\x4d\x18\x03\0\0\0"[..], b"xyz"].concat();
        let stream = [&skipped[..], &frame, &skipped, &frame].concat();
        let collected = collect(&Compressed::Lz4, "people.csv.lz4", &stream);
        assert!(collected.error.is_none(), "{:?}", collected.error);
        assert_eq!(collected.member_names(), ["people.csv"]);
        assert_eq!(collected.members[0].1, [PEOPLE, PEOPLE].concat().as_bytes());
        let cut = collect(&Compressed::Lz4, "people.csv.lz4", &stream[..stream.len() - 9]);
        assert_eq!(cut.error.map(|error| error.reason()), Some(Reason::Truncated));
    }

    #[test]
    fn suffixes_of_archives() {
        let check = |outer: &str, expected: &str| {
            assert_eq!(inner_name(&Name::from(outer), Compressed::Gzip.suffixes()), Name::from(expected));
        };
        check("backup/docs.tgz", "docs.tar");
        check("a.csv.GZ", "a.csv");
        check("noext", "noext");
    }

    #[test]
    fn a_bomb_ends_by_its_ratio() {
        use std::io::Write as _;
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..64 {
            bomb.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let limits = Limits { ratio_floor: 1 << 20, ..Limits::default() };
        let collected = collect_with(&Compressed::Gzip, "bomb.gz", &bomb.finish().unwrap(), limits);
        assert_eq!(collected.error.map(|error| error.reason()), Some(Reason::RatioTooHigh));
    }

    #[test]
    fn a_cut_stream_is_an_error_of_the_member() {
        let collected = collect(&Compressed::Gzip, "truncated.csv.gz", &fixture("truncated.csv.gz"));
        assert_eq!(collected.error.map(|error| error.reason()), Some(Reason::Truncated));
    }
}
