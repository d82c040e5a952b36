//! A section of the catalogue.

/// Declares a section: a struct of texts, each named after what it says, and the list of them for the tests.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($field:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[expect(missing_docs, reason = "the English text is the documentation")]
        pub struct $name { $(pub $field: &'static str,)* }

        impl $name {
            /// Every text, by name.
            pub fn entries(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($field), self.$field),)*]
            }
        }
    };
}
pub(crate) use section;
