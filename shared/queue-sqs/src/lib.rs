//! queue-sqs.
