//! The two models of text recognition: where text stands, and what a line says.
//!
//! PP-OCRv6 small, detection and recognition (Apache-2.0, PaddlePaddle authors), as ONNX files that
//! an install step puts into a directory. Their hashes are checked here; nothing is downloaded.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::NdTensor;
use sha2::{Digest, Sha256};

use crate::model::hex;

use super::ctc::Alphabet;
use super::onnx;

/// Name and SHA-256.
type Known = (&'static str, &'static str);

const DETECTION: Known =
    ("PP-OCRv6_det_small.onnx", "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f");
const RECOGNITION: Known =
    ("PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884");
/// Bytes of a model; those expected have 10 and 21 MB.
const MOST_BYTES: u64 = 64 << 20;
/// The height of the lines that the recognition model was trained on.
pub(super) const LINE_HEIGHT: usize = 48;

pub(super) struct Models {
    detection: Graph,
    recognition: Graph,
    pub(super) alphabet: Alphabet,
}

/// A model of one input and one output.
struct Graph {
    model: Model,
    input: NodeId,
    output: NodeId,
}

/// The two files, open: they are read when they are needed, which may be where no other file can be opened.
#[derive(Debug)]
pub(super) struct Files {
    detection: File,
    recognition: File,
}

impl Files {
    /// None if they are not there.
    pub(super) fn open(dir: &Path) -> Option<Self> {
        let open = |(name, _): Known| File::open(dir.join(name)).ok();
        Some(Self { detection: open(DETECTION)?, recognition: open(RECOGNITION)? })
    }
}

impl Models {
    /// Fails with a sentence for people.
    pub(super) fn load(files: &Files) -> Result<Self, String> {
        let detection = Graph::new(read(&files.detection, DETECTION)?)?;
        let narrowed = onnx::narrow(&read(&files.recognition, RECOGNITION)?, is_latin)
            .ok_or_else(|| format!("{} is not built as expected", RECOGNITION.0))?;
        let recognition = Graph::new(narrowed.model)?;
        Ok(Self { detection, recognition, alphabet: Alphabet::new(narrowed.alphabet) })
    }

    /// For each pixel of a picture how likely it belongs to text. Planes of blue, green and red,
    /// both sides multiples of 32.
    pub(super) fn detect(
        &self,
        planes: Vec<f32>,
        width: usize,
        height: usize,
        pool: &Arc<ThreadPool>,
    ) -> Result<Vec<f32>, String> {
        let (map, shape) = self.detection.run([1, 3, height, width], planes, pool)?;
        match shape.as_slice() {
            [1, 1, rows, columns] if (*rows, *columns) == (height, width) => Ok(map),
            _ => Err("the detection model answers in another shape".to_owned()),
        }
    }

    /// For each step along a line the probability of each class; a row a step.
    pub(super) fn recognise(&self, planes: Vec<f32>, width: usize, pool: &Arc<ThreadPool>) -> Result<Vec<f32>, String> {
        let (steps, shape) = self.recognition.run([1, 3, LINE_HEIGHT, width], planes, pool)?;
        match shape.as_slice() {
            [1, _, classes] if *classes == self.alphabet.classes() => Ok(steps),
            _ => Err("the recognition model answers in another shape".to_owned()),
        }
    }
}

impl Graph {
    fn new(bytes: Vec<u8>) -> Result<Self, String> {
        let model =
            ModelOptions::with_all_ops().load(bytes).map_err(|error| format!("a model does not load: {error}"))?;
        match (model.input_ids(), model.output_ids()) {
            ([input], [output]) => Ok(Self { input: *input, output: *output, model }),
            _ => Err("a model has other inputs and outputs than expected".to_owned()),
        }
    }

    fn run(&self, shape: [usize; 4], data: Vec<f32>, pool: &Arc<ThreadPool>) -> Result<(Vec<f32>, Vec<usize>), String> {
        use rten_tensor::Layout;
        let expected = shape.iter().product::<usize>();
        if data.len() != expected {
            return Err("a picture of another size than it says".to_owned());
        }
        let input = Value::from(NdTensor::from_data(shape, data));
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(pool)));
        let outputs = self.model.run(vec![(self.input, input.into())], &[self.output], Some(options));
        let output = outputs.map_err(|error| format!("a model stopped: {error}"))?.into_iter().next();
        let tensor = output.and_then(Value::into_tensor::<f32>).ok_or("a model answers with no numbers")?;
        let shape = tensor.shape().to_vec();
        Ok((tensor.into_data(), shape))
    }
}

fn read(file: &File, (name, hash): Known) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let whole = file.take(MOST_BYTES).read_to_end(&mut bytes);
    whole.map_err(|error| format!("{name}: {}", error.kind()))?;
    let found = hex(&Sha256::digest(&bytes));
    if found == hash { Ok(bytes) } else { Err(format!("{name} is not the file that is expected (SHA-256)")) }
}

/// The letters of European languages in Latin script, digits and the signs of letters and forms. A
/// model that knows all scripts takes a blurred `O` for one of a dozen other signs.
fn is_latin(c: char) -> bool {
    matches!(c, '!'..='~' | '\u{a1}'..='\u{17e}' | 'Ș' | 'ș' | 'Ț' | 'ț' | '–' | '—' | '‘' | '’' | '“' | '”' | '„' | '•' | '…' | '€' | '№' | '™')
        && !matches!(c, 'ĳ' | 'Ĳ' | 'ŀ' | 'Ŀ' | 'ŉ' | 'ĸ' | '¨' | '¯' | '´' | '¸')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_not_the_models_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Files::open(dir.path()).is_none());
        for (name, _) in [DETECTION, RECOGNITION] {
            std::fs::write(dir.path().join(name), b"something else").unwrap();
        }
        let files = Files::open(dir.path()).unwrap();
        assert!(Models::load(&files).err().unwrap().contains("SHA-256"));
    }

    #[test]
    fn the_alphabet_is_that_of_european_names() {
        for word in ["Müller-Lüdenscheidt", "François", "Łukasz", "Ștefan", "Ōno", "Þór", "P<ITA", "€", "søster"]
        {
            assert!(word.chars().all(is_latin), "{word}");
        }
        assert!("中αЖあ☺".chars().all(|c| !is_latin(c)));
    }
}
