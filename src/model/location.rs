//! Where something stands: the item on the share, and the place inside its text.

use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::name::Name;

/// One item: a file below a root, or a member inside containers of that file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemPath {
    /// Index into the roots of the scan.
    pub root: usize,
    /// Relative to its root, with `/` between the parts.
    pub path: Name,
    /// The chain inside containers, outermost first.
    pub members: Vec<Name>,
}

impl ItemPath {
    pub fn new(root: usize, path: Name) -> Self {
        Self { root, path, members: Vec::new() }
    }

    pub fn member(&self, name: Name) -> Self {
        let mut members = self.members.clone();
        members.push(name);
        Self { root: self.root, path: self.path.clone(), members }
    }

    /// The name that says most about the format: the innermost one.
    pub fn name(&self) -> &Name {
        self.members.last().unwrap_or(&self.path)
    }
}

impl fmt::Display for ItemPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        for member in &self.members {
            write!(f, "!/{member}")?;
        }
        Ok(())
    }
}

/// A cell of a sheet, both numbers from zero; prints as `B7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    pub row: u32,
    pub column: u32,
}

impl Cell {
    /// Reads what [`Cell`] prints: `B7`.
    pub fn parse(name: &str) -> Option<Self> {
        let digits = name.find(|c: char| !c.is_ascii_uppercase())?;
        let (letters, row) = name.split_at(digits);
        if letters.is_empty() {
            return None;
        }
        let column = letters
            .bytes()
            .try_fold(0_u64, |n, letter| n.checked_mul(26)?.checked_add(u64::from(letter - b'A') + 1))?;
        let row: u64 = row.parse().ok()?;
        Some(Self { row: u32::try_from(row.checked_sub(1)?).ok()?, column: u32::try_from(column - 1).ok()? })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = Vec::new();
        let mut n = u64::from(self.column) + 1;
        while n > 0 {
            letters.push(b'A' + u8::try_from((n - 1) % 26).unwrap_or(0));
            n = (n - 1) / 26;
        }
        letters.reverse();
        write!(f, "{}{}", String::from_utf8_lossy(&letters), u64::from(self.row) + 1)
    }
}

/// A place that a person can turn to. Lines and pages count from one; a slide is a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub line: Option<u64>,
    pub page: Option<u32>,
    pub sheet: Option<Arc<str>>,
    pub cell: Option<Cell>,
    /// A JSON path, an XML element, a form field, a mail header, a part of a document.
    pub field: Option<Arc<str>>,
}

impl Place {
    pub fn line(line: u64) -> Self {
        Self { line: Some(line), ..Self::default() }
    }

    pub fn page(page: u32) -> Self {
        Self { page: Some(page), ..Self::default() }
    }

    pub fn field(field: &str) -> Self {
        Self { field: Some(field.into()), ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(page) = self.page {
            parts.push(format!("page {page}"));
        }
        if let Some(sheet) = &self.sheet {
            parts.push(format!("sheet {}", Name::from(&**sheet)));
        }
        if let Some(cell) = self.cell {
            parts.push(format!("cell {cell}"));
        }
        if let Some(line) = self.line {
            parts.push(format!("line {line}"));
        }
        if let Some(field) = &self.field {
            parts.push(Name::from(&**field).to_string());
        }
        f.write_str(&parts.join(", "))
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { line, page, sheet, cell, field } = self;
        let mut map = serializer.serialize_map(None)?;
        if let Some(line) = line {
            map.serialize_entry("line", line)?;
        }
        if let Some(page) = page {
            map.serialize_entry("page", page)?;
        }
        if let Some(sheet) = sheet {
            map.serialize_entry("sheet", &**sheet)?;
        }
        if let Some(cell) = cell {
            map.serialize_entry("cell", &cell.to_string())?;
        }
        if let Some(field) = field {
            map.serialize_entry("field", &**field)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// What [`Place`] writes.
        #[derive(Deserialize)]
        struct Written {
            line: Option<u64>,
            page: Option<u32>,
            sheet: Option<String>,
            cell: Option<String>,
            field: Option<String>,
        }
        let Written { line, page, sheet, cell, field } = Written::deserialize(deserializer)?;
        let cell = match cell {
            Some(name) => Some(Cell::parse(&name).ok_or_else(|| de::Error::custom("not the name of a cell"))?),
            None => None,
        };
        Ok(Self { line, page, sheet: sheet.map(Arc::from), cell, field: field.map(Arc::from) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_prints_with_its_chain() {
        let path = ItemPath::new(0, "a.zip".into()).member("b.eml".into()).member("cv.pdf".into());
        assert_eq!(path.to_string(), "a.zip!/b.eml!/cv.pdf");
    }

    #[test]
    fn cells_are_named_as_spreadsheets_name_them() {
        let name = |row, column| Cell { row, column }.to_string();
        assert_eq!(
            [name(0, 0), name(6, 25), name(0, 26), name(9, 701), name(0, 702)],
            ["A1", "Z7", "AA1", "ZZ10", "AAA1"]
        );
        let last = Cell { row: u32::MAX, column: u32::MAX };
        for cell in [Cell { row: 6, column: 25 }, Cell { row: 0, column: 26 }, Cell { row: 0, column: 702 }, last] {
            assert_eq!(Cell::parse(&cell.to_string()), Some(cell));
        }
        for name in ["", "A", "7", "A0", "a1", "A1B", "AAAAAAAAAAAAAAAAAA1", "A99999999999"] {
            assert_eq!(Cell::parse(name), None, "{name}");
        }
    }
}
