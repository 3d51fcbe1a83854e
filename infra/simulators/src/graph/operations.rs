//! The operations that are simulated, by the names that Microsoft's metadata gives them.

/// Method and path below `/v1.0`, in the order of their paths.
pub const OPERATIONS: &[(&str, &str)] = &[
    ("POST", "/$batch"),
    ("GET", "/directory/deletedItems/graph.user"),
    ("GET", "/directory/deletedItems/{directoryObject-id}"),
    ("DELETE", "/directory/deletedItems/{directoryObject-id}"),
    ("POST", "/directory/deletedItems/{directoryObject-id}/restore"),
    ("GET", "/domains"),
    ("GET", "/organization"),
    ("GET", "/users"),
    ("POST", "/users"),
    ("GET", "/users/$count"),
    ("GET", "/users/delta()"),
    ("GET", "/users/{user-id}"),
    ("PATCH", "/users/{user-id}"),
    ("DELETE", "/users/{user-id}"),
    ("GET", "/users/{user-id}/manager"),
    ("GET", "/users/{user-id}/manager/$ref"),
    ("PUT", "/users/{user-id}/manager/$ref"),
    ("DELETE", "/users/{user-id}/manager/$ref"),
];
