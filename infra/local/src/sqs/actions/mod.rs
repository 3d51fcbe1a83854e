//! The actions of the SQS API, each from its request to its answer.

mod administer;
mod batch;
mod consume;
mod produce;

pub(super) use administer::{
    create_queue, get_queue_attributes, get_queue_url, list_queues, purge_queue, set_queue_attributes,
    start_message_move_task,
};
pub(super) use consume::{
    change_message_visibility, change_message_visibility_batch, delete_message, delete_message_batch, receive_message,
};
pub(super) use produce::{send_message, send_message_batch};
