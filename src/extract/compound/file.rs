//! The file system inside a compound file, read as forgivingly as the programs that write it.
//!
//! Specification: [MS-CFB]. Damaged allocation tables, colours and sizes are common in files that
//! open all the same, so that only what is needed to find a stream is asked of them.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::open::Budget;
use crate::open::input::ReadSeek;
use crate::open::reader::ReadError;

use super::storage::{u16_at, u32_at, wide};

/// Sector numbers from here on say something else than a sector.
const FIRST_SPECIAL: u32 = 0xFFFF_FFFA;
const NO_ENTRY: u32 = 0xFFFF_FFFF;
const MINI: usize = 64;
const MOST_ENTRIES: usize = 1 << 20;

pub(super) type Bytes<'i> = Box<dyn ReadSeek + 'i>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unused,
    Storage,
    Stream,
}

struct Entry {
    name: String,
    kind: Kind,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    size: u64,
}

/// The tables of a compound file; all are bounded by its size.
pub(super) struct Tables<'i> {
    bytes: RefCell<Bytes<'i>>,
    sector: usize,
    sectors: usize,
    mini_cutoff: u64,
    table: Vec<u32>,
    mini_table: Vec<u32>,
    /// Sectors that hold the small streams.
    mini_chain: Vec<u32>,
    entries: Vec<Entry>,
}

impl<'i> Tables<'i> {
    pub(super) fn read(mut bytes: Bytes<'i>, budget: &Budget) -> Result<Self, ReadError> {
        let size = bytes.seek(SeekFrom::End(0))?;
        bytes.rewind()?;
        let mut header = Vec::new();
        Read::by_ref(&mut bytes).take(512).read_to_end(&mut header)?;
        let malformed = |what: &str| ReadError::malformed("compound file", what);
        if header.get(..8) != Some(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) || header.len() < 512 {
            return Err(malformed("it has no header"));
        }
        let sector = match u16_at(&header, 30) {
            Some(shift @ 7..=16) => 1_usize << shift,
            _ => return Err(malformed("its sectors have no size")),
        };
        let sectors = usize::try_from(size / sector as u64).unwrap_or(usize::MAX);
        let number = |at: usize| u32_at(&header, at).unwrap_or(NO_ENTRY);
        let mut tables = Self {
            bytes: RefCell::new(bytes),
            sector,
            sectors,
            mini_cutoff: u64::from(number(56)).clamp(MINI as u64, 1 << 20),
            table: Vec::new(),
            mini_table: Vec::new(),
            mini_chain: Vec::new(),
            entries: Vec::new(),
        };
        tables.read_table(&header, budget)?;
        let directory = tables.chain(number(48), usize::MAX, false);
        for sector in directory {
            budget.check()?;
            for entry in tables.read_sector(sector)?.chunks_exact(128) {
                if tables.entries.len() < MOST_ENTRIES {
                    tables.entries.push(read_entry(entry, tables.sector));
                }
            }
        }
        let Some(root) = tables.entries.first() else { return Err(malformed("it has no directory")) };
        let root_start = root.start;
        for sector in tables.chain(number(60), usize::MAX, false) {
            budget.check()?;
            let numbers = tables.read_sector(sector)?;
            tables.mini_table.extend(numbers.chunks_exact(4).filter_map(|four| u32_at(four, 0)));
        }
        tables.mini_chain = tables.chain(root_start, usize::MAX, false);
        Ok(tables)
    }

    /// The allocation table, by the list of its sectors that begins in the header.
    fn read_table(&mut self, header: &[u8], budget: &Budget) -> Result<(), ReadError> {
        let mut list: Vec<u32> = (76..512).step_by(4).filter_map(|at| u32_at(header, at)).collect();
        let mut next = u32_at(header, 68).unwrap_or(NO_ENTRY);
        let mut seen = HashSet::new();
        while next < FIRST_SPECIAL && seen.insert(next) && seen.len() <= self.sectors {
            budget.check()?;
            let mut numbers: Vec<u32> =
                self.read_sector(next)?.chunks_exact(4).filter_map(|four| u32_at(four, 0)).collect();
            next = numbers.pop().unwrap_or(NO_ENTRY);
            list.extend(numbers);
        }
        for sector in list {
            if sector >= FIRST_SPECIAL || self.table.len() >= self.sectors {
                continue;
            }
            budget.check()?;
            let numbers = self.read_sector(sector)?;
            self.table.extend(numbers.chunks_exact(4).filter_map(|four| u32_at(four, 0)));
        }
        Ok(())
    }

    /// A sector; shorter or empty at the end of the file.
    fn read_sector(&self, number: u32) -> io::Result<Vec<u8>> {
        let mut sector = Vec::with_capacity(self.sector);
        self.read_at((u64::from(number) + 1) * self.sector as u64, self.sector, &mut sector)?;
        Ok(sector)
    }

    fn read_at(&self, offset: u64, length: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let mut bytes = self.bytes.borrow_mut();
        bytes.seek(SeekFrom::Start(offset))?;
        Read::by_ref(&mut *bytes).take(length as u64).read_to_end(out)?;
        Ok(())
    }

    /// The sectors of a stream, at most as many as the file has: a ring ends.
    fn chain(&self, start: u32, most: usize, is_mini: bool) -> Vec<u32> {
        let table = if is_mini { &self.mini_table } else { &self.table };
        let most = most.min(if is_mini { table.len() } else { self.sectors });
        let mut chain = Vec::new();
        let mut next = start;
        while next < FIRST_SPECIAL && chain.len() < most {
            chain.push(next);
            let index = usize::try_from(next).unwrap_or(usize::MAX);
            next = table.get(index).copied().unwrap_or(NO_ENTRY);
        }
        chain
    }

    /// Name, whether it is a stream, and number of what is in a storage (0: the root).
    pub(super) fn children(&self, storage: usize) -> Vec<(String, bool, usize)> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut todo: Vec<u32> = self.entries.get(storage).map(|entry| entry.child).into_iter().collect();
        while let Some(number) = todo.pop() {
            let Ok(index) = usize::try_from(number) else { continue };
            let Some(entry) = self.entries.get(index) else { continue };
            if index == 0 || !seen.insert(number) {
                continue;
            }
            todo.push(entry.right);
            todo.push(entry.left);
            if entry.kind != Kind::Unused {
                found.push((entry.name.clone(), entry.kind == Kind::Stream, index));
            }
        }
        // The order of the tree is by length first; by name suits a reader of reports.
        found.sort();
        found
    }

    pub(super) fn stream(self: &Rc<Self>, index: usize) -> Option<Stream<'i>> {
        let entry = self.entries.get(index)?;
        let is_mini = entry.size < self.mini_cutoff;
        let unit = if is_mini { MINI } else { self.sector };
        let most = usize::try_from(entry.size.div_ceil(unit as u64)).unwrap_or(usize::MAX);
        let chain = self.chain(entry.start, most, is_mini);
        let length = entry.size.min(chain.len() as u64 * unit as u64);
        Some(Stream {
            tables: Rc::clone(self),
            chain,
            unit,
            is_mini,
            length,
            position: 0,
            buffer: Vec::new(),
            buffered: u64::MAX,
        })
    }
}

fn read_entry(bytes: &[u8], sector: usize) -> Entry {
    let length = usize::from(u16_at(bytes, 64).unwrap_or(0)).clamp(2, 64) - 2;
    let name = wide(bytes.get(..length).unwrap_or_default());
    let number = |at: usize| u32_at(bytes, at).unwrap_or(NO_ENTRY);
    // The upper half of a size means nothing in files with small sectors.
    let high = if sector > 512 { u64::from(number(124)) << 32 } else { 0 };
    Entry {
        name: name.split('\0').next().unwrap_or_default().to_owned(),
        kind: match bytes.get(66) {
            Some(1 | 5) => Kind::Storage,
            Some(2) => Kind::Stream,
            _ => Kind::Unused,
        },
        left: number(68),
        right: number(72),
        child: number(76),
        start: number(116),
        size: high | u64::from(number(120)),
    }
}

/// The bytes of one stream.
pub(super) struct Stream<'i> {
    tables: Rc<Tables<'i>>,
    chain: Vec<u32>,
    unit: usize,
    is_mini: bool,
    length: u64,
    position: u64,
    /// The unit last read, and its place in the chain.
    buffer: Vec<u8>,
    buffered: u64,
}

impl Stream<'_> {
    pub(super) fn len(&self) -> u64 {
        self.length
    }

    fn fill(&mut self, unit: u64) -> io::Result<()> {
        if self.buffered == unit {
            return Ok(());
        }
        self.buffer.clear();
        self.buffered = unit;
        let sector = usize::try_from(unit).ok().and_then(|unit| self.chain.get(unit)).copied();
        let Some(sector) = sector else { return Ok(()) };
        let tables = &self.tables;
        if !self.is_mini {
            let offset = (u64::from(sector) + 1) * self.unit as u64;
            return tables.read_at(offset, self.unit, &mut self.buffer);
        }
        let at = u64::from(sector) * MINI as u64;
        let (outer, within) = (at / tables.sector as u64, at % tables.sector as u64);
        match usize::try_from(outer).ok().and_then(|outer| tables.mini_chain.get(outer)) {
            Some(outer) => {
                let offset = (u64::from(*outer) + 1) * tables.sector as u64 + within;
                tables.read_at(offset, MINI, &mut self.buffer)
            }
            None => Ok(()),
        }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.length || out.is_empty() {
            return Ok(0);
        }
        let unit = self.position / self.unit as u64;
        let within = usize::try_from(self.position % self.unit as u64).unwrap_or(0);
        self.fill(unit)?;
        let left = usize::try_from(self.length - self.position).unwrap_or(usize::MAX);
        let available = self.buffer.get(within..).unwrap_or_default();
        let n = available.len().min(out.len()).min(left);
        out.iter_mut().zip(available).take(n).for_each(|(to, from)| *to = *from);
        self.position += n as u64;
        Ok(n)
    }
}

impl Seek for Stream<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let target = match position {
            SeekFrom::Start(n) => Some(n),
            SeekFrom::End(n) => self.length.checked_add_signed(n),
            SeekFrom::Current(n) => self.position.checked_add_signed(n),
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::open::Limits;

    /// A compound file of 512-byte sectors: table, directory, then each stream in sectors of its own.
    pub(in crate::extract::compound) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
        let mut table = vec![0xFFFF_FFFD_u32];
        let directory_sectors = (streams.len() + 1).div_ceil(4);
        let mut allocate = |sectors: usize| {
            let start = table.len();
            for i in 1..=sectors {
                table.push(if i == sectors { 0xFFFF_FFFE } else { u32::try_from(start + i).unwrap() });
            }
            u32::try_from(start).unwrap()
        };
        allocate(directory_sectors);
        let mut directory = Vec::new();
        let mut body = Vec::new();
        let mut entry = |name: &str, kind: u8, right: u32, child: u32, start: u32, size: usize| {
            let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let length = u16::try_from(bytes.len() + 2).unwrap();
            bytes.resize(64, 0);
            bytes.extend(length.to_le_bytes());
            bytes.extend([kind, 1]);
            for number in [NO_ENTRY, right, child] {
                bytes.extend(number.to_le_bytes());
            }
            bytes.resize(116, 0);
            bytes.extend(start.to_le_bytes());
            bytes.extend(u64::try_from(size).unwrap().to_le_bytes());
            directory.extend(bytes);
        };
        entry("Root Entry", 5, NO_ENTRY, 1, 0xFFFF_FFFE, 0);
        for (i, (name, content)) in streams.iter().enumerate() {
            // Streams of less than 4096 bytes would be small ones.
            let mut content = content.to_vec();
            let size = content.len().max(4096);
            content.resize(size.next_multiple_of(512), 0);
            let start = allocate(content.len() / 512);
            let right = if i + 1 < streams.len() { u32::try_from(i + 2).unwrap() } else { NO_ENTRY };
            entry(name, 2, right, NO_ENTRY, start, size);
            body.extend(content);
        }
        directory.resize(directory_sectors * 512, 0);
        assert!(table.len() <= 128, "one sector of table is enough for tests");
        table.resize(128, NO_ENTRY);
        let mut file = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
        file.resize(24, 0);
        for number in [0x3E_u16, 3, 0xFFFE, 9, 6] {
            file.extend(number.to_le_bytes());
        }
        file.resize(44, 0);
        for number in [1_u32, 1, 0, 4096, 0xFFFF_FFFE, 0, 0xFFFF_FFFE, 0, 0] {
            file.extend(number.to_le_bytes());
        }
        file.resize(512, 0xFF);
        file.extend(table.iter().flat_map(|n| n.to_le_bytes()));
        file.extend(directory);
        file.extend(body);
        file
    }

    fn read(bytes: &[u8]) -> Result<Vec<(String, usize)>, String> {
        let budget = Budget::new(Limits::default(), bytes.len() as u64, std::sync::Arc::default());
        let source = io::Cursor::new(bytes.to_vec());
        let tables = Rc::new(Tables::read(Box::new(source), &budget).map_err(|e| e.to_string())?);
        let children = tables.children(0).into_iter().map(|(name, _, index)| {
            let mut content = Vec::new();
            tables.stream(index).unwrap().read_to_end(&mut content).unwrap();
            (name, content.iter().filter(|b| **b != 0).count())
        });
        Ok(children.collect())
    }

    #[test]
    fn streams_are_found_and_read() {
        let file = compound(&[("Workbook", &[7; 5000]), ("Other", b"abc")]);
        assert_eq!(read(&file).unwrap(), [("Other".to_owned(), 3), ("Workbook".to_owned(), 5000)]);
    }

    #[test]
    fn rings_end() {
        let mut file = compound(&[("Workbook", &[7; 5000])]);
        // The second sector of the stream points back to the first, the directory's to itself.
        file.splice(512 + 3 * 4..512 + 4 * 4, 2_u32.to_le_bytes());
        file.splice(512 + 4..512 + 8, 1_u32.to_le_bytes());
        assert_eq!(read(&file).unwrap().len(), 1);
    }

    #[test]
    fn truncated_files_end_in_an_error_or_less() {
        let file = compound(&[("Workbook", &[7; 5000])]);
        assert!(read(file.get(..100).unwrap()).is_err());
        for cut in [512, 700, 1024, 1500, 3000] {
            let _ = read(file.get(..cut).unwrap());
        }
    }
}
