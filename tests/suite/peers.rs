//! Independent programs, unmodified, against the simulated outside world.
