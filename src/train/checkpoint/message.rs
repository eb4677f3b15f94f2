//! The state of a network, as one process sends it to another.

use super::content::{Content, NetworkState};

impl NetworkState {
    /// Returns the bytes that [`NetworkState::from_bytes`] reads.
    pub(in crate::train) fn into_bytes(self) -> Vec<u8> {
        let networks = vec![Some(self)];
        Content {
            networks,
            ..Content::default()
        }
        .to_bytes()
    }

    /// Reads the bytes of a state.
    ///
    /// # Errors
    /// Returns an error if they are damaged.
    pub(in crate::train) fn from_bytes(bytes: &[u8]) -> Result<Option<NetworkState>, String> {
        Content::from_bytes(bytes).map(|mut content| content.networks.pop().flatten())
    }
}
