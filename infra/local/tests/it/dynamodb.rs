//! The embedded table.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::trial::{Trial, dynamodb, until};

#[tokio::test]
async fn an_item_stands_after_a_restart_and_the_table_is_not_made_twice() {
    let trial = Trial::new();
    let stack = trial.start(vec![]).await;
    let put = dynamodb(&stack).put_item().table_name("trial").item("pk", AttributeValue::S("a".into()));
    put.send().await.unwrap();
    stack.stop().await;

    let stack = trial.start(vec![]).await;
    let get = dynamodb(&stack).get_item().table_name("trial").key("pk", AttributeValue::S("a".into()));
    assert!(get.send().await.unwrap().item.is_some());
    stack.stop().await;
}

#[tokio::test]
async fn an_item_past_its_time_to_live_goes_and_others_stay() {
    let trial = Trial::new();
    let stack = trial.start(vec![]).await;
    let client = dynamodb(&stack);
    for (key, ttl) in [("past", "1"), ("future", "99999999999")] {
        let put = client.put_item().table_name("trial").item("pk", AttributeValue::S(key.into()));
        put.item("ttl", AttributeValue::N(ttl.into())).send().await.unwrap();
    }
    let stands = async |key: &str| {
        let get = client.get_item().table_name("trial").key("pk", AttributeValue::S(key.into()));
        get.consistent_read(true).send().await.unwrap().item.is_some()
    };
    until("the item goes", async || !stands("past").await).await;
    assert!(stands("future").await);
}
