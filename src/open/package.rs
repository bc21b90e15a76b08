//! Looks into a zip's directory to tell an office document from an archive.

use std::io::Read;

use crate::identify::{Format, kind_of_members};

use super::input::ReadSeek;

/// Bytes of a telling member that are read.
const TELLING: u64 = 256 * 1024;

/// The format that the members of a zip make it; none if its directory cannot be read.
/// Leaves the position of `file` anywhere.
pub fn refine(file: &mut dyn ReadSeek) -> Option<Format> {
    let mut archive = zip::ZipArchive::new(file).ok()?;
    let mimetype = content(&mut archive, "mimetype");
    let names: Vec<String> = archive.file_names().filter_map(Result::ok).map(Into::into).collect();
    Some(kind_of_members(names.iter().map(String::as_bytes), mimetype.as_deref()))
}

fn content(archive: &mut zip::ZipArchive<&mut dyn ReadSeek>, name: &str) -> Option<Vec<u8>> {
    let member = archive.by_name(name).ok()?;
    let mut bytes = Vec::new();
    member.take(TELLING).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
