//! Reads the schema of an Avro file: a table of types that may name each other.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

/// Types of one schema, and levels at which fields have columns of their own.
const MOST_TYPES: usize = 20_000;
const DEPTH: usize = 6;

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    Text,
    Fixed(usize),
    Enum(Vec<String>),
    Array(usize),
    Map(usize),
    Union(Vec<usize>),
    Record(Vec<(String, usize)>),
}

/// What a number or its bytes stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    AsIs,
    Date,
    /// Parts of a second since 1970.
    Moment(i64),
    Decimal(u32),
}

#[derive(Default)]
pub(super) struct Schema {
    types: Vec<(Kind, Shows)>,
    named: HashMap<String, usize>,
    pub(super) columns: Vec<Arc<str>>,
    by_path: HashMap<String, usize>,
    /// Types that were looked at for columns: types that name each other often are a bomb.
    steps: usize,
}

impl Schema {
    /// The schema and its outermost type; none if it is no schema.
    pub(super) fn parse(json: &[u8]) -> Option<(Self, usize)> {
        let value: Value = serde_json::from_slice(json).ok()?;
        let mut schema = Self::default();
        let root = schema.add(&value, "")?;
        schema.name_columns(root, "", 0);
        Some((schema, root))
    }

    pub(super) fn kind(&self, at: usize) -> Option<&(Kind, Shows)> {
        self.types.get(at)
    }

    /// The column of a path; that of the field around it where it is too deep for one of its own.
    pub(super) fn column(&self, path: &str) -> usize {
        let mut rest = path;
        loop {
            if let Some(column) = self.by_path.get(rest) {
                return *column;
            }
            let Some((around, _)) = rest.rsplit_once('.') else { return 0 };
            rest = around;
        }
    }

    fn push(&mut self, kind: Kind, shows: Shows) -> Option<usize> {
        (self.types.len() < MOST_TYPES).then(|| {
            self.types.push((kind, shows));
            self.types.len() - 1
        })
    }

    fn add(&mut self, value: &Value, space: &str) -> Option<usize> {
        match value {
            Value::String(name) => self.by_name(name, space),
            Value::Array(branches) => {
                let at = self.push(Kind::Null, Shows::AsIs)?;
                let branches: Option<Vec<usize>> = branches.iter().map(|branch| self.add(branch, space)).collect();
                self.types.get_mut(at)?.0 = Kind::Union(branches?);
                Some(at)
            }
            Value::Object(map) => {
                let kind = map.get("type")?;
                let Some(kind) = kind.as_str() else { return self.add(kind, space) };
                let name = map.get("name").and_then(Value::as_str).unwrap_or_default();
                let space = match map.get("namespace").and_then(Value::as_str) {
                    Some(space) => space,
                    None => name.rsplit_once('.').map_or(space, |(space, _)| space),
                };
                if !matches!(kind, "record" | "error" | "enum" | "fixed" | "array" | "map") {
                    let at = self.by_name(kind, space)?;
                    let (kind, _) = self.types.get(at)?.clone();
                    return self.push(kind, shows(map));
                }
                let at = self.push(Kind::Null, shows(map))?;
                // It may name itself.
                if !name.is_empty() {
                    let short = name.rsplit('.').next().unwrap_or(name);
                    self.named.insert(format!("{space}.{short}"), at);
                    self.named.entry(short.to_owned()).or_insert(at);
                }
                let kind = match kind {
                    "enum" => Kind::Enum(symbols(map)),
                    "fixed" => Kind::Fixed(usize::try_from(map.get("size")?.as_u64()?).ok()?),
                    "array" => Kind::Array(self.add(map.get("items")?, space)?),
                    "map" => Kind::Map(self.add(map.get("values")?, space)?),
                    _ => {
                        let mut fields = Vec::new();
                        for field in map.get("fields")?.as_array()? {
                            let name = field.get("name")?.as_str()?.to_owned();
                            fields.push((name, self.add(field.get("type")?, space)?));
                        }
                        Kind::Record(fields)
                    }
                };
                self.types.get_mut(at)?.0 = kind;
                Some(at)
            }
            _ => None,
        }
    }

    fn by_name(&mut self, name: &str, space: &str) -> Option<usize> {
        let kind = match name {
            "null" => Kind::Null,
            "boolean" => Kind::Boolean,
            "int" => Kind::Int,
            "long" => Kind::Long,
            "float" => Kind::Float,
            "double" => Kind::Double,
            "bytes" => Kind::Bytes,
            "string" => Kind::Text,
            name => return self.named.get(&format!("{space}.{name}")).or_else(|| self.named.get(name)).copied(),
        };
        self.push(kind, Shows::AsIs)
    }

    /// Gives every value that is no record a column, named by its path.
    fn name_columns(&mut self, at: usize, path: &str, depth: usize) {
        self.steps += 1;
        if self.columns.len() >= MOST_TYPES || self.steps > 2 * MOST_TYPES {
            return;
        }
        let Some((kind, _)) = self.types.get(at).cloned() else { return };
        match kind {
            Kind::Record(fields) if depth < DEPTH => {
                for (name, field) in fields {
                    let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                    self.name_columns(field, &path, depth + 1);
                }
            }
            Kind::Array(inner) | Kind::Map(inner) if depth < DEPTH => self.name_columns(inner, path, depth + 1),
            Kind::Union(branches) if depth < DEPTH => {
                for branch in branches {
                    self.name_columns(branch, path, depth + 1);
                }
            }
            Kind::Null => {}
            _ => {
                if !self.by_path.contains_key(path) {
                    self.by_path.insert(path.to_owned(), self.columns.len());
                    self.columns.push(path.into());
                }
            }
        }
    }
}

fn symbols(map: &serde_json::Map<String, Value>) -> Vec<String> {
    let symbols = map.get("symbols").and_then(Value::as_array);
    symbols.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn shows(map: &serde_json::Map<String, Value>) -> Shows {
    match map.get("logicalType").and_then(Value::as_str) {
        Some("date") => Shows::Date,
        Some("timestamp-millis" | "local-timestamp-millis") => Shows::Moment(1_000),
        Some("timestamp-micros" | "local-timestamp-micros") => Shows::Moment(1_000_000),
        Some("timestamp-nanos" | "local-timestamp-nanos") => Shows::Moment(1_000_000_000),
        Some("decimal") => {
            let scale = map.get("scale").and_then(Value::as_u64).and_then(|scale| u32::try_from(scale).ok());
            Shows::Decimal(scale.unwrap_or(0))
        }
        _ => Shows::AsIs,
    }
}
