//! The description of the API: `OpenAPI` 3.1, made from the handlers themselves.

use axum::Json;
use domain::api_scope::ApiScope;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, Ref, RefOr, ResponseBuilder,
        path::{Operation, Parameter, ParameterIn},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{
    access_requests, apps, assignments, audit, domains, groups, guests, invitations, keys, mails, merges,
    paths, route, sponsors, tokens, upstreams,
};
use crate::problem::Problem;

/// The description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "Apps, invitations, guests, assignments, sponsors, groups, tenants, providers, keys, mails and the audit log, for operators and their software.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        apps::list,
        apps::register,
        apps::show,
        apps::change,
        apps::remove,
        apps::secrets,
        apps::add_secret,
        apps::remove_secret,
        apps::logo::put,
        apps::logo::remove,
        invitations::invite,
        invitations::list,
        invitations::one::show,
        invitations::one::resend,
        invitations::one::extend,
        invitations::one::revoke,
        guests::list,
        guests::one::show,
        guests::one::block,
        guests::one::unblock,
        guests::method::reset,
        guests::method::put_address,
        guests::method::put_pin,
        guests::method::remove_pin,
        guests::method::passkeys,
        guests::method::delete_passkey,
        guests::method::allow_codes,
        guests::due::list,
        guests::life::remove,
        guests::life::restore,
        guests::life::convert,
        guests::life::erase,
        guests::life::put_expiry,
        guests::life::remove_expiry,
        assignments::list,
        assignments::show,
        assignments::put,
        assignments::end,
        sponsors::list,
        sponsors::remove,
        sponsors::hand_over,
        sponsors::restore,
        groups::list,
        groups::add,
        groups::show,
        groups::change,
        groups::remove,
        groups::guests::list,
        groups::guests::of_guest,
        groups::guests::show,
        groups::guests::put,
        groups::guests::end,
        access_requests::list,
        access_requests::approve,
        access_requests::refuse,
        merges::list,
        merges::ask,
        merges::show,
        merges::take_back,
        audit::search,
        route::explain,
        upstreams::list,
        upstreams::show,
        upstreams::change::add,
        upstreams::change::change,
        upstreams::enable,
        upstreams::disable,
        upstreams::remove,
        upstreams::foresee,
        upstreams::test_sign_in::test,
        domains::list,
        domains::show,
        domains::check,
        domains::claim,
        domains::unclaim,
        keys::list,
        keys::rotate,
        keys::revoke,
        tokens::list,
        tokens::create,
        tokens::revoke,
        mails::list,
    ),
    components(schemas(Problem)),
    modifiers(&Token),
)]
#[derive(Debug)]
pub struct OpenApiDocument;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token made by `vestibule token create`."))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(scheme));
        for (area, (path, _, _)) in paths::all() {
            let Some(item) = document.paths.paths.get_mut(path) else {
                continue;
            };
            let looks = item.get.iter_mut().map(|operation| (operation, false));
            let changes = [&mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
            let changes = changes.into_iter().flatten().map(|operation| (operation, true));
            for (operation, change) in looks.chain(changes) {
                complete(operation, path, ApiScope::needed(area, change));
            }
        }
    }
}

/// Says which scope an operation needs, and what goes wrong with every one of its kind: no token, or one without the scope; nothing
/// of the name in its path; input that is not valid; something that has changed since it was read.
fn complete(operation: &mut Operation, path: &str, scope: ApiScope) {
    operation.security = Some(vec![SecurityRequirement::new("token", [scope.name()])]);
    let is_asked = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
        RefOr::Ref(_) => false,
    };
    let has_query = operation.parameters.iter().flatten().any(is_asked);
    let lacks = format!("The token lacks the scope `{}`.", scope.name());
    let mut goes_wrong = vec![
        ("401", "There is no live token in the request.".to_owned()),
        ("403", lacks),
    ];
    if path.contains('{') {
        goes_wrong.push(("404", "There is nothing of the name in the path.".to_owned()));
    }
    if has_query || operation.request_body.is_some() {
        goes_wrong.push((
            "422",
            "The request is not valid: `errors` names the fields.".to_owned(),
        ));
    }
    let is_condition = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.name == "If-Match",
        RefOr::Ref(_) => false,
    };
    if operation.parameters.iter().flatten().any(is_condition) {
        goes_wrong.push(("412", "It has changed since it was read.".to_owned()));
    }
    for (status, description) in goes_wrong {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", problem);
        let responses = &mut operation.responses.responses;
        responses.insert(status.into(), response.build().into());
    }
}

/// `GET /api/openapi.json`, for everyone.
pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(OpenApiDocument::openapi())
}
