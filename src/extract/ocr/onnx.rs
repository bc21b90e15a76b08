//! Cuts the alphabet of a recognition model down to Latin before it is loaded: a smaller model that cannot confuse scripts.
//!
//! ONNX files are Protocol Buffers: <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>. Only
//! the files whose hash is known come here, so a fault is an answer and never a guess.

// Numbers of the fields in onnx.proto.
const MODEL_GRAPH: u64 = 7;
const MODEL_METADATA: u64 = 14;
const GRAPH_INITIALIZER: u64 = 5;
const GRAPH_VALUE_INFO: u64 = 13;
const TENSOR_DIMS: u64 = 1;
const TENSOR_DATA_TYPE: u64 = 2;
const TENSOR_NAME: u64 = 8;
const TENSOR_RAW_DATA: u64 = 9;
const ENTRY_KEY: u64 = 1;
const ENTRY_VALUE: u64 = 2;

/// A model whose last layer knows these characters only.
pub(super) struct Narrowed {
    pub(super) model: Vec<u8>,
    /// The character of each class; the first class is no character.
    pub(super) alphabet: Vec<Option<char>>,
}

/// Keeps the classes of the characters for which `keep` holds, that of "no character" and the space.
/// None if the file is not built as such models are.
pub(super) fn narrow(model: &[u8], keep: fn(char) -> bool) -> Option<Narrowed> {
    let dictionary = Fields(model).filter(|field| field.number == MODEL_METADATA).find_map(|entry| {
        (value(entry.bytes, ENTRY_KEY)? == b"character").then(|| value(entry.bytes, ENTRY_VALUE))?
    })?;
    let mut characters: Vec<Option<char>> = vec![None];
    for line in std::str::from_utf8(dictionary).ok()?.split('\n') {
        let mut chars = line.chars();
        let character = chars.next();
        // What is several characters together is not kept.
        characters.push(if chars.next().is_none() { character } else { None });
    }
    characters.push(Some(' '));
    let kept: Vec<usize> = (0..characters.len())
        .filter(|class| match characters.get(*class) {
            Some(Some(' ')) => true,
            Some(Some(character)) => keep(*character),
            _ => *class == 0,
        })
        .collect();
    let mut narrowed = Vec::with_capacity(model.len());
    let mut graphs = 0;
    for field in Fields(model) {
        match field.number {
            MODEL_METADATA => {}
            MODEL_GRAPH => {
                push(&mut narrowed, MODEL_GRAPH, &narrow_graph(field.bytes, characters.len(), &kept)?);
                graphs += 1;
            }
            _ => narrowed.extend_from_slice(field.whole),
        }
    }
    if graphs != 1 {
        return None;
    }
    let alphabet = kept.iter().map(|class| characters.get(*class).copied().flatten()).collect();
    Some(Narrowed { model: narrowed, alphabet })
}

/// The tensors whose last side is the number of classes lose the columns that are not kept; the
/// shapes in between, which name that number, are left out.
fn narrow_graph(graph: &[u8], classes: usize, kept: &[usize]) -> Option<Vec<u8>> {
    let mut narrowed = Vec::with_capacity(graph.len());
    let mut layers = 0;
    for field in Fields(graph) {
        match field.number {
            GRAPH_VALUE_INFO => {}
            GRAPH_INITIALIZER => {
                let dims = dims(field.bytes);
                if dims.last() == Some(&classes) {
                    push(&mut narrowed, GRAPH_INITIALIZER, &narrow_tensor(field.bytes, &dims, kept)?);
                    layers += 1;
                } else {
                    narrowed.extend_from_slice(field.whole);
                }
            }
            _ => narrowed.extend_from_slice(field.whole),
        }
    }
    // The weights and the bias of the last layer.
    (layers == 2).then_some(narrowed)
}

fn narrow_tensor(tensor: &[u8], dims: &[usize], kept: &[usize]) -> Option<Vec<u8>> {
    let (classes, outer) = dims.split_last()?;
    let data = value(tensor, TENSOR_RAW_DATA)?;
    let rows = outer.iter().product::<usize>();
    if data.len() != rows * classes * 4 {
        return None;
    }
    let mut narrowed = Vec::new();
    for dim in outer.iter().chain([&kept.len()]) {
        push_varint(&mut narrowed, TENSOR_DIMS << 3);
        push_varint(&mut narrowed, *dim as u64);
    }
    // 32-bit floating point.
    push_varint(&mut narrowed, TENSOR_DATA_TYPE << 3);
    push_varint(&mut narrowed, 1);
    push(&mut narrowed, TENSOR_NAME, value(tensor, TENSOR_NAME)?);
    let mut columns = Vec::with_capacity(rows * kept.len() * 4);
    for row in data.chunks_exact(classes * 4) {
        for class in kept {
            columns.extend_from_slice(row.get(class * 4..class * 4 + 4)?);
        }
    }
    push(&mut narrowed, TENSOR_RAW_DATA, &columns);
    Some(narrowed)
}

/// The sides of a tensor, one a field or all in one.
fn dims(tensor: &[u8]) -> Vec<usize> {
    let mut dims = Vec::new();
    for field in Fields(tensor).filter(|field| field.number == TENSOR_DIMS) {
        if field.is_number {
            dims.extend(usize::try_from(field.value).ok());
        } else {
            let mut rest = field.bytes;
            while let Some(dim) = varint(&mut rest) {
                dims.extend(usize::try_from(dim).ok());
            }
        }
    }
    dims
}

struct Field<'m> {
    number: u64,
    is_number: bool,
    value: u64,
    bytes: &'m [u8],
    /// With its tag.
    whole: &'m [u8],
}

/// The fields of a message; ends at the first one that is damaged.
struct Fields<'m>(&'m [u8]);

impl<'m> Iterator for Fields<'m> {
    type Item = Field<'m>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.0;
        let tag = varint(&mut self.0)?;
        let mut field = Field { number: tag >> 3, is_number: false, value: 0, bytes: &[], whole: &[] };
        match tag & 7 {
            0 => {
                field.is_number = true;
                field.value = varint(&mut self.0)?;
            }
            2 => {
                let length = usize::try_from(varint(&mut self.0)?).ok()?;
                (field.bytes, self.0) = self.0.split_at_checked(length)?;
            }
            kind @ (1 | 5) => (field.bytes, self.0) = self.0.split_at_checked(if kind == 1 { 8 } else { 4 })?,
            _ => return None,
        }
        field.whole = start.get(..start.len() - self.0.len())?;
        Some(field)
    }
}

fn value(message: &[u8], number: u64) -> Option<&[u8]> {
    Fields(message).find(|field| field.number == number && !field.is_number).map(|field| field.bytes)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap_or(0));
}

fn push(bytes: &mut Vec<u8>, number: u64, content: &[u8]) {
    push_varint(bytes, number << 3 | 2);
    push_varint(bytes, content.len() as u64);
    bytes.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(fields: &[(u64, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (number, content) in fields {
            push(&mut bytes, *number, content);
        }
        bytes
    }

    fn tensor(name: &str, dims: &[u64], values: &[f32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for dim in dims {
            push_varint(&mut bytes, TENSOR_DIMS << 3);
            push_varint(&mut bytes, *dim);
        }
        let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        push(&mut bytes, TENSOR_NAME, name.as_bytes());
        push(&mut bytes, TENSOR_RAW_DATA, &data);
        bytes
    }

    #[test]
    fn only_the_columns_of_kept_characters_stay() {
        // Classes: none, A, 中, B, space.
        let weights = tensor("w", &[2, 5], &[0., 1., 2., 3., 4., 10., 11., 12., 13., 14.]);
        let bias = tensor("b", &[5], &[0., 1., 2., 3., 4.]);
        let other = tensor("o", &[2], &[7., 8.]);
        let graph = message(&[
            (1, b"node"),
            (GRAPH_INITIALIZER, &weights),
            (GRAPH_INITIALIZER, &bias),
            (GRAPH_INITIALIZER, &other),
        ]);
        let dictionary = message(&[(ENTRY_KEY, b"character"), (ENTRY_VALUE, "A\n中\nB".as_bytes())]);
        let model = message(&[(MODEL_GRAPH, &graph), (MODEL_METADATA, &dictionary)]);

        let narrowed = narrow(&model, |c| c.is_ascii()).unwrap();
        assert_eq!(narrowed.alphabet, [None, Some('A'), Some('B'), Some(' ')]);
        let graph = value(&narrowed.model, MODEL_GRAPH).unwrap();
        assert_eq!(value(graph, 1).unwrap(), b"node");
        let tensors: Vec<_> = Fields(graph).filter(|field| field.number == GRAPH_INITIALIZER).collect();
        let floats = |field: &Field<'_>| -> Vec<f32> {
            let data = value(field.bytes, TENSOR_RAW_DATA).unwrap();
            data.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
        };
        assert_eq!(
            (dims(tensors[0].bytes), floats(&tensors[0])),
            (vec![2, 4], vec![0., 1., 3., 4., 10., 11., 13., 14.])
        );
        assert_eq!((dims(tensors[1].bytes), floats(&tensors[1])), (vec![4], vec![0., 1., 3., 4.]));
        assert_eq!(dims(tensors[2].bytes), [2]);
    }

    #[test]
    fn a_file_of_another_kind_or_half_of_it_is_refused() {
        let dictionary = message(&[(ENTRY_KEY, b"character"), (ENTRY_VALUE, b"A")]);
        let model = message(&[(MODEL_METADATA, &dictionary), (MODEL_GRAPH, &message(&[(1, b"node")]))]);
        assert!(narrow(&model, |_| true).is_none(), "no last layer");
        for length in 0..model.len() {
            assert!(narrow(&model[..length], |_| true).is_none());
        }
    }
}
