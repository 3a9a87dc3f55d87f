//! Time and randomness, handed in everywhere else.
