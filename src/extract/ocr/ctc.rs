//! From the steps of a recognition model to the characters of a line, each with its place.
//!
//! Connectionist temporal classification: of equal neighbours one counts, and "no character" separates.

/// The characters of the classes of a model.
pub(super) struct Alphabet(Vec<Option<char>>);

/// One line as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    pub(super) text: String,
    /// For each character where it stands, as a share of the length of the line.
    pub(super) places: Vec<f32>,
    /// The mean over the characters, 0 to 1.
    pub(super) confidence: f32,
}

impl Alphabet {
    pub(super) fn new(classes: Vec<Option<char>>) -> Self {
        Self(classes)
    }

    pub(super) fn classes(&self) -> usize {
        self.0.len()
    }

    /// The likeliest class of each step.
    pub(super) fn decode(&self, steps: &[f32]) -> Reading {
        let mut reading = Reading::default();
        let total = (steps.len() / self.0.len().max(1)).max(1);
        let mut last = 0;
        let mut sum = 0.0;
        for (step, row) in steps.chunks_exact(self.0.len().max(1)).enumerate() {
            let likeliest = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            let Some((class, probability)) = likeliest else { continue };
            if class != last
                && let Some(character) = self.0.get(class).copied().flatten()
            {
                reading.text.push(character);
                reading.places.push((step as f32 + 0.5) / total as f32);
                sum += probability;
            }
            last = class;
        }
        if !reading.places.is_empty() {
            reading.confidence = sum / reading.places.len() as f32;
        }
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_and_nothing_separates() {
        let alphabet = Alphabet::new(vec![None, Some('A'), Some('B'), Some(' ')]);
        let mut steps = Vec::new();
        for class in [0, 1, 1, 0, 1, 2, 3, 0] {
            let mut row = [0.1; 4];
            row[class] = 0.7;
            steps.extend(row);
        }
        let reading = alphabet.decode(&steps);
        assert_eq!(reading.text, "AAB ");
        assert_eq!(reading.places, [1.5, 4.5, 5.5, 6.5].map(|at: f32| at / 8.0));
        assert!((reading.confidence - 0.7).abs() < 1e-6);
        assert_eq!(alphabet.decode(&[]), Reading::default());
    }
}
