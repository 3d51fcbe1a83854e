//! Schemas with invented content, as the portal and Microsoft Graph export them.

mod carried;
mod hostile;
mod round_trip;
mod world;
