//! What an operator does: actions, the HTTP API, later the console.
