//! What a check can say of a value.

/// What a check says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The value obeys a rule that chance seldom obeys.
    Certain,
    /// The value cannot be one of these.
    Refuted,
    /// Nothing speaks for or against it.
    Silent,
}

impl Verdict {
    /// Certain if the rule holds, refuted if not.
    pub fn when(holds: bool) -> Self {
        if holds { Self::Certain } else { Self::Refuted }
    }
}
