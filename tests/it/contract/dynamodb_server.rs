//! What every `DynamoDB` server does that the adapter builds on, as the SDK's client sees it.

use super::dynamodb::Raw;
use super::{contract, dynamodb};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, KeysAndAttributes, Put, ReturnConsumedCapacity, ReturnValue,
    ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem, Update,
};
use std::collections::HashMap;

contract! {
    rules: [
        a_failed_condition_shows_the_item_that_is_there,
        a_cancelled_transaction_gives_a_reason_for_each_write,
        a_transaction_that_is_repeated_with_its_token_is_done_once,
        a_token_that_is_used_for_something_else_is_refused,
        pages_follow_each_other_in_both_directions,
        what_is_read_together_has_limits,
        a_transaction_has_limits,
        keys_and_items_have_limits,
        an_update_cannot_change_a_key,
        expressions_say_no_more_and_no_less_than_they_use,
        a_reserved_word_needs_a_name,
        an_update_says_once_what_becomes_of_a_field,
        a_write_tells_what_stood_there,
        writes_cost_by_the_kilobyte_and_double_in_a_transaction,
        a_table_that_is_not_there_is_its_own_error,
    ],
    embedded: super::dynamodb::embedded().await,
    ministack: super::dynamodb::ministack(RULE).await,
}

type Attributes = HashMap<String, AttributeValue>;

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn number(n: i64) -> AttributeValue {
    AttributeValue::N(n.to_string())
}

fn key(sort: &str) -> Attributes {
    [("pk".to_owned(), text("p")), ("sk".to_owned(), text(sort))].into()
}

fn with(sort: &str, name: &str, value: AttributeValue) -> Attributes {
    let mut item = key(sort);
    item.insert(name.to_owned(), value);
    item
}

fn code<T, E: ProvideErrorMetadata>(outcome: Result<T, E>) -> String {
    outcome.err().and_then(|error| error.code().map(str::to_owned)).unwrap_or_default()
}

impl Raw {
    fn put(&self, item: Attributes) -> PutItemFluentBuilder {
        self.client.put_item().table_name(&self.table).set_item(Some(item))
    }

    async fn get(&self, sort: &str) -> Option<Attributes> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key(sort))).consistent_read(true);
        get.send().await.unwrap().item
    }

    /// A write of a transaction that adds 1.
    fn add(&self, sort: &str) -> TransactWriteItem {
        let update = Update::builder().table_name(&self.table).set_key(Some(key(sort)));
        let update = update.update_expression("ADD n :one").expression_attribute_values(":one", number(1));
        TransactWriteItem::builder().update(update.build().unwrap()).build()
    }

    /// A write of a transaction that needs `n` to be 7.
    fn check(&self, sort: &str, shown: OnFailure) -> TransactWriteItem {
        let check = ConditionCheck::builder().table_name(&self.table).set_key(Some(key(sort)));
        let check = check.condition_expression("n = :n").expression_attribute_values(":n", number(7));
        let check = check.return_values_on_condition_check_failure(shown).build().unwrap();
        TransactWriteItem::builder().condition_check(check).build()
    }

    fn put_within(&self, item: Attributes) -> TransactWriteItem {
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    }

    async fn transact(&self, token: &str, writes: Vec<TransactWriteItem>) -> Result<(), TransactWriteItemsError> {
        // Tokens are remembered for all tables together.
        let token = format!("{token}{}", self.table.trim_start_matches("tenure"));
        let request = self.client.transact_write_items().client_request_token(token);
        let sent = request.set_transact_items(Some(writes)).send().await;
        sent.map(drop).map_err(aws_sdk_dynamodb::error::SdkError::into_service_error)
    }

    async fn count(&self, sort: &str) -> Option<AttributeValue> {
        self.get(sort).await.and_then(|mut item| item.remove("n"))
    }
}

async fn a_failed_condition_shows_the_item_that_is_there(raw: &Raw) {
    let item = with("a", "n", number(1));
    raw.put(item.clone()).send().await.unwrap();
    let put = raw.put(key("a")).condition_expression("attribute_not_exists(pk)");
    let put = put.return_values_on_condition_check_failure(OnFailure::AllOld).send().await;
    let error = put.unwrap_err().into_service_error();
    assert!(error.is_conditional_check_failed_exception());
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failed) = error else {
        panic!("it is that error");
    };
    assert_eq!(failed.item, Some(item.clone()));
    let delete = raw.client.delete_item().table_name(&raw.table).set_key(Some(key("a")));
    let delete = delete.condition_expression("n > :n").expression_attribute_values(":n", number(1));
    let error = delete.send().await.unwrap_err().into_service_error();
    assert!(error.is_conditional_check_failed_exception());
    assert_eq!(raw.get("a").await, Some(item));
}

async fn a_cancelled_transaction_gives_a_reason_for_each_write(raw: &Raw) {
    let item = with("a", "n", number(1));
    raw.put(item.clone()).send().await.unwrap();
    let writes = vec![raw.check("a", OnFailure::AllOld), raw.add("b"), raw.check("c", OnFailure::AllOld)];
    let error = raw.transact("reasons", writes).await.unwrap_err();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { panic!("{error:?}") };
    let reasons = cancelled.cancellation_reasons();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["ConditionalCheckFailed", "None", "ConditionalCheckFailed"]);
    assert_eq!((reasons[0].item(), reasons[2].item()), (Some(&item), None));
    assert_eq!(raw.get("b").await, None);
}

async fn a_transaction_that_is_repeated_with_its_token_is_done_once(raw: &Raw) {
    for _ in 0..3 {
        raw.transact("again", vec![raw.add("a"), raw.add("b")]).await.unwrap();
    }
    assert_eq!(raw.count("a").await, Some(number(1)));
    raw.transact("another", vec![raw.add("a"), raw.add("b")]).await.unwrap();
    assert_eq!((raw.count("a").await, raw.count("b").await), (Some(number(2)), Some(number(2))));
}

async fn a_token_that_is_used_for_something_else_is_refused(raw: &Raw) {
    raw.transact("token", vec![raw.add("a")]).await.unwrap();
    let error = raw.transact("token", vec![raw.add("b")]).await.unwrap_err();
    assert!(error.is_idempotent_parameter_mismatch_exception(), "{error:?}");
    // A transaction that was cancelled did nothing, so its token says nothing either.
    assert!(raw.transact("cancelled", vec![raw.check("a", OnFailure::None), raw.add("c")]).await.is_err());
    raw.put(with("a", "n", number(7))).send().await.unwrap();
    raw.transact("cancelled", vec![raw.check("a", OnFailure::None), raw.add("c")]).await.unwrap();
    assert_eq!((raw.count("b").await, raw.count("c").await), (None, Some(number(1))));
}

async fn pages_follow_each_other_in_both_directions(raw: &Raw) {
    for sort in ["s1", "s2", "s3", "s4", "t1"] {
        raw.put(key(sort)).send().await.unwrap();
    }
    for (forward, expected) in [(true, ["s1", "s2", "s3", "s4"]), (false, ["s4", "s3", "s2", "s1"])] {
        let query = raw.client.query().table_name(&raw.table).limit(2).scan_index_forward(forward);
        let query = query.key_condition_expression("pk = :p AND begins_with(sk, :s)").consistent_read(true);
        let query = query.expression_attribute_values(":p", text("p")).expression_attribute_values(":s", text("s"));
        let (mut seen, mut start) = (Vec::new(), None);
        for page in 0.. {
            let reply = query.clone().set_exclusive_start_key(start).send().await.unwrap();
            assert!(page < 3 && reply.count <= 2);
            seen.extend(reply.items.unwrap_or_default());
            start = reply.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        let expected: Vec<Attributes> = expected.into_iter().map(key).collect();
        assert_eq!(seen, expected, "{forward}");
    }
}

async fn what_is_read_together_has_limits(raw: &Raw) {
    raw.put(with("000", "n", number(1))).send().await.unwrap();
    let read = |keys: Vec<Attributes>| {
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build().unwrap();
        raw.client.batch_get_item().request_items(&raw.table, keys).send()
    };
    let keys = |count: usize| (0..count).map(|n| key(&format!("{n:03}"))).collect::<Vec<_>>();
    let reply = read(keys(100)).await.unwrap();
    assert_eq!(reply.responses.unwrap()[&raw.table], [with("000", "n", number(1))]);
    assert!(reply.unprocessed_keys.unwrap_or_default().is_empty());
    assert_eq!(code(read(keys(101)).await), "ValidationException");
    assert_eq!(code(read(vec![key("a"), key("a")]).await), "ValidationException");
}

async fn a_transaction_has_limits(raw: &Raw) {
    let many = (0..101).map(|n| raw.add(&n.to_string())).collect();
    assert_eq!(code(raw.transact("many", many).await), "ValidationException");
    assert_eq!(code(raw.transact("none", Vec::new()).await), "ValidationException");
    assert_eq!(code(raw.transact("twice", vec![raw.add("a"), raw.add("a")]).await), "ValidationException");
    assert_eq!(raw.get("a").await, None);
    raw.transact("hundred", (0..100).map(|n| raw.add(&n.to_string())).collect()).await.unwrap();
    assert_eq!(raw.count("99").await, Some(number(1)));
}

async fn keys_and_items_have_limits(raw: &Raw) {
    for sort in [String::new(), "x".repeat(1025)] {
        assert_eq!(code(raw.put(key(&sort)).send().await), "ValidationException", "{} bytes", sort.len());
    }
    raw.put(key(&"x".repeat(1024))).send().await.unwrap();
    let whole = 400 * 1024 - "pkpskabig".len();
    raw.put(with("a", "big", text("x".repeat(whole)))).send().await.unwrap();
    assert_eq!(code(raw.put(with("a", "big", text("x".repeat(whole + 1)))).send().await), "ValidationException");
    let grown = raw.client.update_item().table_name(&raw.table).set_key(Some(key("a")));
    let grown = grown.update_expression("SET n = :n").expression_attribute_values(":n", number(1));
    assert_eq!(code(grown.send().await), "ValidationException");
    assert_eq!(code(raw.put(with("a", "set", AttributeValue::Ns(Vec::new()))).send().await), "ValidationException");
}

async fn an_update_cannot_change_a_key(raw: &Raw) {
    let update = raw.client.update_item().table_name(&raw.table).set_key(Some(key("a")));
    let update = update.update_expression("SET sk = :s").expression_attribute_values(":s", text("b"));
    assert_eq!(code(update.send().await), "ValidationException");
    assert_eq!(raw.get("a").await, None);
}

async fn expressions_say_no_more_and_no_less_than_they_use(raw: &Raw) {
    let update = || raw.client.update_item().table_name(&raw.table).set_key(Some(key("a")));
    let one = || update().expression_attribute_values(":n", number(1));
    let refused = [
        one().update_expression("SET n = :n, m = :missing"),
        one().update_expression("SET n = :n").expression_attribute_values(":unused", number(2)),
        one().update_expression("SET n = :n").expression_attribute_names("#unused", "x"),
        one().update_expression("SET #missing = :n"),
        one().update_expression("ADD n :n").condition_expression("n ="),
    ];
    for update in refused {
        let said = update.get_update_expression().clone();
        assert_eq!(code(update.send().await), "ValidationException", "{said:?}");
    }
}

async fn a_reserved_word_needs_a_name(raw: &Raw) {
    let update = raw.client.update_item().table_name(&raw.table).set_key(Some(key("a")));
    let update = update.expression_attribute_values(":n", number(1));
    assert_eq!(code(update.clone().update_expression("SET size = :n").send().await), "ValidationException");
    let named = update.update_expression("SET #n = :n").expression_attribute_names("#n", "size");
    named.send().await.unwrap();
    assert_eq!(raw.get("a").await, Some(with("a", "size", number(1))));
}

async fn an_update_says_once_what_becomes_of_a_field(raw: &Raw) {
    for said in ["SET n = :n, n = :n", "SET n = :n REMOVE n", "ADD n :n SET n = :n", "SET n = :n SET m = :n"] {
        let update = raw.client.update_item().table_name(&raw.table).set_key(Some(key("a"))).update_expression(said);
        let update = update.expression_attribute_values(":n", number(1)).send().await;
        assert_eq!(code(update), "ValidationException", "{said}");
    }
}

async fn a_write_tells_what_stood_there(raw: &Raw) {
    let (one, two) = (with("a", "n", number(1)), with("a", "n", number(2)));
    let put = |item| raw.put(item).return_values(ReturnValue::AllOld).send();
    assert_eq!(put(one.clone()).await.unwrap().attributes.unwrap_or_default(), Attributes::new());
    assert_eq!(put(two.clone()).await.unwrap().attributes, Some(one));
    let delete = || {
        let delete = raw.client.delete_item().table_name(&raw.table).set_key(Some(key("a")));
        delete.return_values(ReturnValue::AllOld).send()
    };
    assert_eq!(delete().await.unwrap().attributes, Some(two));
    assert_eq!(delete().await.unwrap().attributes.unwrap_or_default(), Attributes::new());
}

async fn writes_cost_by_the_kilobyte_and_double_in_a_transaction(raw: &Raw) {
    for (length, alone) in [(10, 1.0), (1010, 1.0), (1030, 2.0), (2100, 3.0)] {
        let item = with("a", "text", text("x".repeat(length)));
        let paid = raw.put(item.clone()).return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.unwrap();
        assert_eq!(paid.consumed_capacity.and_then(|paid| paid.capacity_units), Some(alone), "{length} bytes");
        let request = raw.client.transact_write_items().return_consumed_capacity(ReturnConsumedCapacity::Total);
        let paid = request.transact_items(raw.put_within(item)).send().await.unwrap().consumed_capacity.unwrap();
        assert_eq!(paid[0].capacity_units, Some(alone * 2.0), "{length} bytes in a transaction");
    }
}

async fn a_table_that_is_not_there_is_its_own_error(raw: &Raw) {
    let get = raw.client.get_item().table_name(format!("{}-elsewhere", raw.table)).set_key(Some(key("a")));
    assert_eq!(code(get.send().await), "ResourceNotFoundException");
}
