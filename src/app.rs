//! What a running portal is made of.
