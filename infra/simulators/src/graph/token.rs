//! The token endpoint: OAuth 2.0 client credentials with a secret, for one application in one tenant.

use super::answer::Answer;
use super::clock::written;
use super::query::Query;
use super::server::Server;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A token is good for so long.
const LIFE_SECONDS: u64 = 3_599;

/// The tokens that were given out, with the milliseconds since 1970 at which each expires.
#[derive(Default)]
pub(super) struct Tokens {
    expiring: HashMap<String, u64>,
}

impl Server {
    /// Answers `POST /{tenant}/oauth2/v2.0/token`.
    pub(super) fn give_token(&mut self, tenant: &str, form: &str) -> Answer {
        let form = Query::parse(form);
        let field = |name: &str| form.get(name).filter(|value| !value.is_empty());
        if !tenant.eq_ignore_ascii_case(&self.options.tenant) {
            let text = format!("AADSTS90002: Tenant '{tenant}' not found.");
            return self.refused(400, "invalid_request", 90_002, &text);
        }
        match field("grant_type") {
            Some("client_credentials") => {}
            Some(_) => {
                let text = "AADSTS70003: The app requested an unsupported grant type.";
                return self.refused(400, "unsupported_grant_type", 70_003, text);
            }
            None => {
                let text = "AADSTS900144: The request body must contain the following parameter: 'grant_type'.";
                return self.refused(400, "invalid_request", 900_144, text);
            }
        }
        let Some(application) = field("client_id") else {
            let text = "AADSTS900144: The request body must contain the following parameter: 'client_id'.";
            return self.refused(400, "invalid_request", 900_144, text);
        };
        if !application.eq_ignore_ascii_case(&self.options.client_id) {
            let text =
                format!("AADSTS700016: Application with identifier '{application}' was not found in the directory.");
            return self.refused(400, "unauthorized_client", 700_016, &text);
        }
        match field("client_secret") {
            None => {
                let text = "AADSTS7000216: 'client_assertion', 'client_secret' or 'request' is required.";
                return self.refused(401, "invalid_client", 7_000_216, text);
            }
            Some(secret) if secret != self.options.client_secret => {
                let text = "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is \
                            the client secret value, not the client secret ID.";
                return self.refused(401, "invalid_client", 7_000_215, text);
            }
            Some(_) => {}
        }
        match field("scope") {
            Some(scope) if scope.ends_with("/.default") => self.given(),
            Some(_) => {
                let text = "AADSTS1002012: The scope is not valid; client credential flows must have a scope value with \
                            /.default suffixed to the resource identifier.";
                self.refused(400, "invalid_scope", 1_002_012, text)
            }
            None => {
                let text = "AADSTS900144: The request body must contain the following parameter: 'scope'.";
                self.refused(400, "invalid_request", 900_144, text)
            }
        }
    }

    fn given(&mut self) -> Answer {
        let now = self.now();
        let token = format!("simulated.{}{}", self.dice.id(), self.dice.id());
        self.tokens.expiring.retain(|_, expires_at| *expires_at > now);
        self.tokens.expiring.insert(token.clone(), now + LIFE_SECONDS * 1000);
        self.counts.tokens += 1;
        Answer::ok(json!({
            "token_type": "Bearer",
            "expires_in": LIFE_SECONDS,
            "ext_expires_in": LIFE_SECONDS,
            "access_token": token,
        }))
    }

    fn refused(&mut self, status: u16, error: &str, code: u32, description: &str) -> Answer {
        let mut answer = Answer::ok(json!({
            "error": error,
            "error_description": description,
            "error_codes": [code],
            "timestamp": written(self.now()).replace('T', " "),
            "trace_id": self.dice.id(),
            "correlation_id": self.dice.id(),
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        }));
        answer.status = status;
        answer
    }

    /// Refuses a call of Graph without a token that is good now.
    pub(super) fn authorize(&self, header: Option<&str>) -> Result<(), Answer> {
        let refused = |message| Err(Answer::error(401, "InvalidAuthenticationToken", message));
        let Some(token) = header
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
        else {
            return refused("Access token is empty.");
        };
        match self.tokens.expiring.get(token.1.trim()) {
            Some(expires_at) if *expires_at > self.now() && !self.options.faults.expired_tokens => Ok(()),
            Some(_) => refused("Lifetime validation failed, the token is expired."),
            None => refused("IDX14100: JWT is not well formed."),
        }
    }

    /// What `GET /organization` and `GET /domains` say.
    pub(super) fn organization(&self) -> Answer {
        let domain = json!({
            "capabilities": "Email, OfficeCommunicationsOnline",
            "isDefault": true,
            "isInitial": true,
            "name": self.options.default_domain,
            "type": "Managed",
        });
        Answer::ok(json!({
            "@odata.context": format!("{}/v1.0/$metadata#organization", self.base),
            "value": [{
                "id": self.options.tenant,
                "displayName": "Simulated organization",
                "tenantType": "AAD",
                "verifiedDomains": [domain],
            }],
        }))
    }

    pub(super) fn domains(&self) -> Answer {
        Answer::ok(json!({
            "@odata.context": format!("{}/v1.0/$metadata#domains", self.base),
            "value": [{
                "id": self.options.default_domain,
                "authenticationType": "Managed",
                "availabilityStatus": Value::Null,
                "isAdminManaged": true,
                "isDefault": true,
                "isInitial": true,
                "isRoot": true,
                "isVerified": true,
                "supportedServices": ["Email", "OfficeCommunicationsOnline"],
            }],
        }))
    }
}
