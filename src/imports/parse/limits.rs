//! How much of a machine one file may take. The figures of uploads are promise to the user and defence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Bounds of one reading. Written as JSON on the child's command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    pub file_bytes: u64,
    /// Sum over all entries of an XLSX, counted while inflating, not as declared.
    pub inflated_bytes: u64,
    /// Inflated to packed size of one entry of an XLSX.
    pub entry_ratio: u64,
    pub entries: usize,
    /// Rows below the header that are not blank.
    pub rows: u32,
    pub columns: usize,
    pub cell_chars: usize,
    /// Memory of the child that is resident.
    pub memory_bytes: u64,
    /// Wall clock of the whole reading, and processor time of the child.
    pub seconds: u64,
}

impl Default for Limits {
    /// The limits of an upload.
    fn default() -> Self {
        Limits {
            file_bytes: 20 << 20,
            inflated_bytes: 200 << 20,
            entry_ratio: 1000,
            entries: 64,
            rows: 200_000,
            columns: 100,
            // What a cell of Excel can hold.
            cell_chars: 32_767,
            memory_bytes: 256 << 20,
            seconds: 60,
        }
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Limits {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_survive_the_command_line_and_unnamed_ones_keep_their_default() {
        let limits = Limits {
            rows: 7,
            ..Limits::default()
        };
        assert_eq!(limits.to_string().parse::<Limits>().unwrap(), limits);
        assert_eq!("{}".parse::<Limits>().unwrap(), Limits::default());
        assert!("rows=7".parse::<Limits>().is_err());
    }
}
