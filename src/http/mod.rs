//! Pages, forms and guards.
