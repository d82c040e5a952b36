//! What tests share: fake clock, seeded entropy, samples, databases.
