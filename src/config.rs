//! Settings: one TOML file, one struct per section, environment overrides.
