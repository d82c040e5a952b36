//! Acme Notes: the relying party of the demo, as one of our users would write it.
