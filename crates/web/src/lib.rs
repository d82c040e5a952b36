//! What the three HTTP crates share: paths, pages, cookies, layers, texts.
