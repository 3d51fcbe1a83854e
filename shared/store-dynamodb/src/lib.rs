//! store-dynamodb.
