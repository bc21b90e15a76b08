//! Letters with accents as one character: PDF files may print the accent by itself.

/// Joins combining marks to the Latin letters before them, as Unicode's composition does.
pub(super) fn precompose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let joined = out.chars().next_back().and_then(|base| compose(base, c));
        match joined {
            Some(joined) => {
                out.pop();
                out.push(joined);
            }
            None => out.push(c),
        }
    }
    out
}

fn compose(base: char, mark: char) -> Option<char> {
    // TeX prints accents over a dotless i.
    let base = match base {
        'ı' => 'i',
        'ȷ' => 'j',
        base => base,
    };
    let (bases, composed) = match mark {
        '\u{300}' => ("AEIOUNaeioun", "ÀÈÌÒÙǸàèìòùǹ"),
        '\u{301}' => ("AEIOUYCLNRSZaeiouyclnrsz", "ÁÉÍÓÚÝĆĹŃŔŚŹáéíóúýćĺńŕśź"),
        '\u{302}' => ("AEIOUCGHJSWYaeioucghjswy", "ÂÊÎÔÛĈĜĤĴŜŴŶâêîôûĉĝĥĵŝŵŷ"),
        '\u{303}' => ("ANOIUanoiu", "ÃÑÕĨŨãñõĩũ"),
        '\u{304}' => ("AEIOUaeiou", "ĀĒĪŌŪāēīōū"),
        '\u{306}' => ("AEGIOUaegiou", "ĂĔĞĬŎŬăĕğĭŏŭ"),
        '\u{307}' => ("CEGIZcegz", "ĊĖĠİŻċėġż"),
        '\u{308}' => ("AEIOUYaeiouy", "ÄËÏÖÜŸäëïöüÿ"),
        '\u{30a}' => ("AUau", "ÅŮåů"),
        '\u{30b}' => ("OUou", "ŐŰőű"),
        '\u{30c}' => ("CDENRSTZcdenrstz", "ČĎĚŇŘŠŤŽčďěňřšťž"),
        '\u{327}' => ("CGKLNRSTcgklnrst", "ÇĢĶĻŅŖŞŢçģķļņŗşţ"),
        '\u{328}' => ("AEIUaeiu", "ĄĘĮŲąęįų"),
        _ => return None,
    };
    let at = bases.chars().position(|c| c == base)?;
    composed.chars().nth(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_join_their_letters() {
        let check = |text: &str, expected: &str| assert_eq!(precompose(text), expected);
        check("Nicolo\u{300}", "Nicolò");
        check("\u{131}\u{301}", "í");
        check("q\u{300}", "q\u{300}");
        check("Z\u{30c}ivko", "Živko");
    }
}
