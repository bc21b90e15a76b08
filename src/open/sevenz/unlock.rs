//! Opens sealed 7z archives with passwords that others have too: the list of members, and their content.

use std::io::{Read, Seek, SeekFrom};

use sevenz_rust2::{Archive, Block, BlockDecoder, Password};

use crate::open::budget::{Budget, reason_of};
use crate::open::passwords::Tried;
use crate::open::{Input, ReadError};

use super::{AES, obstacle_of_coders};

/// Bytes that are unpacked to prove a password.
const PROOF: u64 = 64 << 20;
/// Rounds of hashing that the format can ask for and that are tried: two to this power.
const MOST_POWER: u8 = 24;

/// Rounds of hashing by the properties of the coder.
fn rounds(properties: &[u8]) -> Option<u64> {
    let power = properties.first()? & 0x3f;
    (power <= MOST_POWER).then(|| 1 << power)
}

/// Tries the passwords on the list of an archive that hides it.
pub(super) fn list(input: &mut Input<'_>, budget: &Budget) -> Result<Tried<(Archive, Password)>, ReadError> {
    // The coder's identifier stands in front of its properties, whose length is one byte.
    let header = super::header::bytes(input)?;
    let at = memchr::memmem::find(&header, AES).map(|at| at + AES.len() + 1);
    let Some(rounds) = at.and_then(|at| rounds(header.get(at..)?)) else {
        return Ok(Tried { opened: None, left: 0 });
    };
    let name = input.name().clone();
    Ok(budget.passwords().try_each(&name, rounds, budget, |password| {
        input.seek(SeekFrom::Start(0)).ok()?;
        let password = Password::new(password);
        let archive = Archive::read(input, &password).ok()?;
        Some((archive, password))
    })?)
}

/// Tries the passwords on the smallest sealed block.
pub(super) fn content(
    archive: &Archive,
    input: &mut Input<'_>,
    budget: &Budget,
) -> Result<Option<Tried<Password>>, ReadError> {
    let sealed =
        archive.blocks.iter().enumerate().filter_map(|(index, block)| Some((index, block, aes_rounds(block)?)));
    let smallest = sealed.min_by_key(|(_, block, _)| block.get_unpack_size());
    let Some((index, block, rounds)) = smallest else { return Ok(None) };
    if obstacle_of_coders(block).is_some() {
        return Ok(None);
    }
    let name = input.name().clone();
    let mut spent = None;
    let tried = budget.passwords().try_each(&name, rounds, budget, |password| {
        let password = Password::new(password);
        let mut proven = false;
        let decoder = BlockDecoder::new(1, index, archive, &password, input);
        let _ = decoder.for_each_entries(&mut |entry, content| {
            if !entry.has_stream() || entry.size() == 0 {
                return Ok(true);
            }
            let copied = std::io::copy(&mut content.take(PROOF), &mut std::io::sink());
            if let Err(error) = &copied {
                spent = spent.or(reason_of(error));
            }
            // Without its checksum, or not to its end, nothing is proven.
            proven = copied.is_ok_and(|copied| copied == entry.size()) && entry.has_crc;
            Ok(false)
        });
        proven.then_some(password)
    })?;
    match spent {
        Some(reason) => Err(reason.into()),
        None => Ok(Some(tried)),
    }
}

fn aes_rounds(block: &Block) -> Option<u64> {
    let coder = block.coders.iter().find(|coder| coder.encoder_method_id() == AES)?;
    rounds(coder.properties())
}
