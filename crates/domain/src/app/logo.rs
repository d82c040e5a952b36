//! Logos of apps: pictures that pages show.

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// A picture whose kind is known.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    kind: LogoKind,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({}, {} bytes)", self.name(), self.bytes.len())
    }
}

/// What kind of picture it is. None of them can hold a script: SVG could.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LogoKind {
    Png,
    Jpeg,
    Webp,
}

impl LogoKind {
    const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::Webp];

    fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
        }
    }

    /// Whether a file begins as one of this kind does.
    fn begins(self, bytes: &[u8]) -> bool {
        match self {
            Self::Png => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Jpeg => bytes.starts_with(&[0xff, 0xd8, 0xff]),
            Self::Webp => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
        }
    }
}

/// Why a file is no logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// It is larger than [`Logo::MAX`].
    #[error("is {0} bytes large; at most {max} are allowed", max = Logo::MAX)]
    Large(usize),
    /// It is none of the kinds.
    #[error("is not a PNG, JPEG or WebP picture")]
    Kind,
}

impl Logo {
    /// How large one may be, in bytes: in base64 it still fits into a request.
    pub const MAX: usize = 40 * 1024;

    /// The picture in a file.
    ///
    /// # Errors
    ///
    /// When it is too large, or no picture of a kind that is taken.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, LogoError> {
        if bytes.len() > Self::MAX {
            return Err(LogoError::Large(bytes.len()));
        }
        let kind = LogoKind::ALL.into_iter().find(|kind| kind.begins(&bytes));
        let kind = kind.ok_or(LogoError::Kind)?;
        Ok(Self { kind, bytes })
    }

    /// The name under which it is served: by its content, so that it can be kept for ever.
    pub fn name(&self) -> String {
        let hash = HEXLOWER.encode(&Sha256::digest(&self.bytes)[..8]);
        format!("{hash}.{}", self.kind.extension())
    }

    /// Its media type.
    pub fn media_type(&self) -> &'static str {
        match self.kind {
            LogoKind::Png => "image/png",
            LogoKind::Jpeg => "image/jpeg",
            LogoKind::Webp => "image/webp",
        }
    }

    /// The file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The file, taken.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_how_they_begin() {
        for (bytes, wanted) in [
            (b"\x89PNG\r\n\x1a\nrest".to_vec(), Ok("image/png")),
            (b"\xff\xd8\xff\xe0rest".to_vec(), Ok("image/jpeg")),
            (b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(), Ok("image/webp")),
            (b"RIFF\x24\0\0\0WAVEfmt ".to_vec(), Err(LogoError::Kind)),
            (b"RIFF".to_vec(), Err(LogoError::Kind)),
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
                Err(LogoError::Kind),
            ),
            (b"GIF89a".to_vec(), Err(LogoError::Kind)),
            (Vec::new(), Err(LogoError::Kind)),
            (vec![0xff; Logo::MAX + 1], Err(LogoError::Large(Logo::MAX + 1))),
        ] {
            let logo = Logo::parse(bytes.clone());
            assert_eq!(
                logo.as_ref().map(Logo::media_type).map_err(|error| *error),
                wanted
            );
            if let Ok(logo) = logo {
                assert_eq!(logo.bytes(), bytes);
            }
        }
    }

    #[test]
    fn a_name_follows_from_the_content() {
        let png = |rest: &str| Logo::parse([b"\x89PNG\r\n\x1a\n", rest.as_bytes()].concat()).unwrap();
        assert_eq!(png("a").name(), png("a").name());
        assert_ne!(png("a").name(), png("b").name());
        assert_eq!(png("a").name().rsplit_once('.').map(|name| name.1), Some("png"));
        assert_eq!(
            Logo::parse(vec![0; Logo::MAX + 1]).unwrap_err().to_string(),
            "is 40961 bytes large; at most 40960 are allowed"
        );
    }
}
