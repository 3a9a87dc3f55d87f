//! The check: does what MoxiEngage does, and names what is wrong.
