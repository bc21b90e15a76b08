//! Invented words in ten languages: the common short words of each, and others from its syllables, drawn by Zipf's law.

use super::Dice;

/// What the words of a language are made of.
pub(super) struct Language {
    /// The most common words, most common first.
    common: &'static [&'static str],
    syllables: &'static [&'static str],
    endings: &'static [&'static str],
}

pub(super) const ENGLISH: usize = 0;

pub(super) const LANGUAGES: &[Language] = &[
    Language {
        common: &[
            "the", "of", "and", "to", "a", "in", "is", "that", "for", "it", "as", "with", "by", "on", "are", "be",
            "this", "or", "from", "an", "at", "not", "which", "if", "can", "one", "all", "will", "when", "use", "file",
            "option", "value", "default", "see", "set",
        ],
        syllables: &[
            "con", "ter", "pre", "al", "dis", "mor", "pel", "ran", "stra", "ven", "li", "ta", "gro", "sh", "ou",
        ],
        endings: &["ing", "ed", "s", "tion", "er", "al", "ment", "ly", "ness", "y", "e"],
    },
    Language {
        common: &[
            "di", "e", "il", "la", "che", "in", "a", "per", "un", "del", "con", "non", "una", "della", "i", "da", "le",
            "si", "al", "dei", "nel", "alla", "come", "sono", "più", "anche", "è", "gli", "ha", "sul",
        ],
        syllables: &["bar", "co", "de", "fi", "ga", "lo", "mu", "na", "per", "ro", "sca", "tri", "ver", "ghe", "sti"],
        endings: &["o", "a", "i", "e", "are", "ere", "ito", "zione", "mente", "ità", "ezza", "ato"],
    },
    Language {
        common: &[
            "de", "la", "le", "et", "les", "des", "en", "un", "du", "une", "que", "est", "pour", "qui", "dans", "a",
            "par", "plus", "pas", "au", "sur", "ne", "se", "ce", "il", "sont", "avec", "à", "été", "où",
        ],
        syllables: &["bou", "cha", "dé", "fon", "gré", "lan", "mou", "né", "pro", "ri", "sou", "tra", "veil", "plu"],
        endings: &["er", "é", "ée", "tion", "ment", "eux", "age", "ir", "ant", "eur", "es", "e"],
    },
    Language {
        common: &[
            "de", "la", "que", "el", "en", "y", "a", "los", "se", "del", "las", "un", "por", "con", "no", "una", "su",
            "para", "es", "al", "lo", "como", "más", "o", "pero", "sus", "le", "ha", "está", "también",
        ],
        syllables: &["ba", "ce", "di", "fue", "gra", "lle", "mo", "ña", "par", "ro", "si", "tra", "vi", "cue"],
        endings: &["o", "a", "os", "as", "ción", "mente", "ar", "er", "ado", "idad", "ero"],
    },
    Language {
        common: &[
            "der", "die", "und", "in", "den", "von", "zu", "das", "mit", "sich", "des", "auf", "für", "ist", "im",
            "dem", "nicht", "ein", "eine", "als", "auch", "es", "an", "werden", "aus", "er", "hat", "dass", "wird",
            "über",
        ],
        syllables: &["Be", "ge", "ver", "Schlag", "hör", "Mut", "stür", "Werk", "lich", "bau", "zeug", "Fäh", "wand"],
        endings: &["en", "er", "ung", "keit", "lich", "e", "t", "schaft", "heit", "es"],
    },
    Language {
        common: &[
            "w", "i", "na", "z", "do", "się", "nie", "jest", "o", "to", "że", "po", "od", "za", "jak", "przez", "co",
            "ale", "dla", "oraz", "przy", "był", "może", "tym", "ich", "lub", "są", "być",
        ],
        syllables: &["prze", "wy", "sta", "kro", "mie", "dzi", "ła", "czy", "szu", "roz", "nie", "gor", "ży", "po"],
        endings: &["anie", "owy", "ski", "ość", "ka", "ów", "ami", "ego", "ić", "ą", "y"],
    },
    Language {
        common: &[
            "на", "и", "за", "се", "да", "от", "в", "с", "по", "че", "не", "е", "са", "до", "като", "при", "или", "ще",
            "към", "след", "този", "има", "може", "със",
        ],
        syllables: &["пре", "раз", "сто", "вър", "мла", "дър", "пла", "гри", "зна", "кой", "люб", "ска", "тро"],
        endings: &["ане", "ени", "ски", "ост", "та", "ът", "ове", "ен", "но", "ция"],
    },
    Language {
        common: &[
            "de", "het", "een", "van", "en", "in", "is", "dat", "op", "te", "voor", "met", "die", "niet", "zijn",
            "aan", "er", "ook", "om", "als", "door", "maar", "bij", "naar", "over", "kan", "uit", "wordt",
        ],
        syllables: &["be", "ver", "ge", "schaa", "loo", "mij", "wer", "stoe", "vrij", "ban", "keu", "dui", "groe"],
        endings: &["en", "ing", "heid", "lijk", "er", "t", "de", "je", "s", "schap"],
    },
    Language {
        common: &[
            "och", "i", "att", "det", "som", "en", "på", "är", "av", "för", "med", "till", "den", "har", "de", "inte",
            "om", "ett", "men", "var", "sig", "så", "vi", "från", "kan", "när", "år", "eller",
        ],
        syllables: &["för", "be", "upp", "sky", "lag", "mål", "rätt", "stäl", "und", "väg", "hand", "sam", "tid"],
        endings: &["en", "ar", "ning", "het", "a", "ade", "lig", "er", "skap", "t"],
    },
    Language {
        common: &[
            "de", "a", "o", "que", "e", "do", "da", "em", "um", "para", "com", "não", "uma", "os", "no", "se", "na",
            "por", "mais", "as", "dos", "como", "mas", "ao", "ele", "das", "à", "seu", "são",
        ],
        syllables: &["ba", "ção", "de", "for", "gui", "lha", "man", "nho", "per", "res", "sen", "tra", "ver", "cam"],
        endings: &["o", "a", "os", "ção", "mente", "ar", "er", "ado", "dade", "eiro", "ões"],
    },
];

/// Invented words of each language.
const WORDS: usize = 2500;
/// Entries of the table by which words are drawn.
const DRAWN: usize = 8192;

pub(super) struct Vocabulary {
    words: Vec<Vec<String>>,
    /// By Zipf's law: ranks to draw from.
    ranks: Vec<Vec<usize>>,
}

impl Vocabulary {
    pub(super) fn new() -> Self {
        let mut dice = Dice::new(42);
        let words: Vec<Vec<String>> = LANGUAGES
            .iter()
            .map(|language| {
                let mut words: Vec<String> = language.common.iter().map(|word| (*word).to_owned()).collect();
                while words.len() < WORDS {
                    let mut word = String::new();
                    for _ in 0..=dice.below(3) {
                        let syllable = dice.pick(language.syllables);
                        if word.is_empty() {
                            word.push_str(syllable);
                        } else {
                            word.push_str(&syllable.to_lowercase());
                        }
                    }
                    word.push_str(dice.pick(language.endings));
                    words.push(word);
                }
                words
            })
            .collect();
        let ranks = words.iter().map(|words| zipf(words.len())).collect();
        Self { words, ranks }
    }

    pub(super) fn word(&self, language: usize, dice: &mut Dice) -> &str {
        let rank = self.ranks[language][dice.below(DRAWN)];
        &self.words[language][rank]
    }

    /// A longer, rarer word: for names.
    pub(super) fn rare(&self, language: usize, dice: &mut Dice) -> &str {
        let from = LANGUAGES[language].common.len();
        let words = &self.words[language];
        &words[from + dice.below(words.len() - from)]
    }
}

/// Ranks, each as often as its share among `DRAWN`: proportional to 1 / (rank + 2).
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
fn zipf(words: usize) -> Vec<usize> {
    let weight = |rank: usize| 1.0 / (rank as f64 + 2.0);
    let total: f64 = (0..words).map(weight).sum();
    let mut ranks = Vec::with_capacity(DRAWN);
    let mut sum = 0.0;
    for rank in 0..words {
        sum += weight(rank);
        let until = (sum / total * DRAWN as f64).round() as usize;
        while ranks.len() < until.min(DRAWN) {
            ranks.push(rank);
        }
    }
    ranks.resize(DRAWN, 0);
    ranks
}
