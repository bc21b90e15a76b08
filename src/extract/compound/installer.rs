//! Packages of the Windows installer (msi): the cabinets in them, which hold the files.
//!
//! How names of streams are packed stands in no specification; it is known from the tables'
//! names. The tables themselves are not read.

use std::io::{Read, Seek, SeekFrom};

use crate::model::Reason;
use crate::open::Member;
use crate::open::reader::{ReadError, Sink};

use super::storage::Storage;

pub(super) fn read(storage: &Storage<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let names: Vec<String> = storage.names().map(str::to_owned).collect();
    for name in names {
        storage.budget().check()?;
        let Some(mut stream) = storage.stream(&name)? else { continue };
        let mut start = [0; 4];
        if stream.read_exact(&mut start).is_err() || start != *b"MSCF" {
            continue;
        }
        stream.seek(SeekFrom::Start(0))?;
        storage.budget().spend_member()?;
        let member = Member { size: Some(stream.len()), ..Member::new(plain(&name)) };
        sink.member(member, &mut stream)?;
    }
    sink.gap(Reason::UnsupportedFeature, "the tables of the installer package are not read");
    Ok(())
}

/// The name of a stream: each sign from U+3800 on stands for two of sixty-four, or one.
fn plain(name: &str) -> String {
    const SIGNS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    let sign = |index: u32| char::from(SIGNS[usize::try_from(index & 63).unwrap_or(0)]);
    let mut plain = String::new();
    for own in name.chars() {
        match u32::from(own) {
            packed @ 0x3800..0x4800 => plain.extend([sign(packed - 0x3800), sign((packed - 0x3800) >> 6)]),
            packed @ 0x4800..0x4840 => plain.push(sign(packed - 0x4800)),
            0x4840 => plain.push('!'),
            _ => plain.push(own),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::compound::CompoundFile;
    use crate::extract::compound::file::tests::compound;
    use crate::open::collect::collect;

    #[test]
    fn cabinets_are_members() {
        let packed = "\u{4126}\u{4135}\u{4828}";
        let collected =
            collect(&CompoundFile, "a.msi", &compound(&[("\u{4840}\u{3f7f}", b"table"), (packed, b"MSCF....")]));
        assert_eq!(collected.member_names(), [plain(packed)], "{collected:?}");
        assert!(collected.members[0].1.starts_with(b"MSCF...."));
        assert_eq!(collected.media_type, Some("application/x-msi"));
        assert_eq!(collected.gaps[0].0, Reason::UnsupportedFeature);
        assert_eq!(plain("\u{4840}\u{3800}\u{4801}a"), "!001a");
    }
}
