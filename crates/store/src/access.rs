//! Which guest may use which app.
