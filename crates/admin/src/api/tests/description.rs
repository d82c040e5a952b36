//! The `OpenAPI` document, and the routes that it describes.

use utoipa::OpenApi as _;

use super::*;

#[tokio::test]
async fn the_description_is_public_and_names_every_route() {
    let api = Api::new().await;
    let request = Request::get("/api/openapi.json").body(Body::empty()).unwrap();
    let answer = api.send(request).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.body["openapi"].as_str().unwrap().starts_with("3.1"),
        "{}",
        answer.body["openapi"]
    );
    let described = answer.body["paths"].as_object().unwrap();
    for (area, (path, methods, _)) in paths::all() {
        let item = described
            .get(path)
            .unwrap_or_else(|| panic!("{path} is not described"));
        for method in methods {
            let operation = &item[method];
            assert!(
                operation["operationId"].is_string(),
                "{method} {path} is not described"
            );
            let scope = ApiScope::needed(area, *method != "get").name();
            assert_eq!(
                operation["security"],
                json!([{ "token": [scope] }]),
                "{method} {path}"
            );
            let takes_input = operation["requestBody"].is_object()
                || operation["parameters"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|parameter| parameter["in"] == "query"));
            let takes_condition = operation["parameters"]
                .as_array()
                .is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "If-Match"));
            for (status, is_there) in [
                ("401", true),
                ("403", true),
                ("404", path.contains('{')),
                ("412", takes_condition),
                ("422", takes_input),
            ] {
                let problem = &operation["responses"][status]["content"]["application/problem+json"];
                assert!(problem.is_object() || !is_there, "{status} of {method} {path}");
            }
        }
        assert_eq!(
            item.as_object().unwrap().len(),
            methods.len(),
            "{path} describes more than there is"
        );
    }
    assert_eq!(described.len(), paths::all().count());
    assert_eq!(
        answer.body["components"]["securitySchemes"]["token"]["scheme"],
        "bearer"
    );
    assert_eq!(
        serde_json::to_value(OpenApiDocument::openapi()).unwrap(),
        answer.body
    );
}

#[tokio::test]
async fn methods_that_are_described_are_the_ones_that_answer() {
    let api = Api::new().await;
    for (_, (path, methods, _)) in paths::all() {
        for method in ["get", "post", "put", "delete", "patch"] {
            let request = Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(path.replace(['{', '}'], ""))
                .body(Body::empty())
                .unwrap();
            let status = api.send(request).await.status;
            let expected = if methods.contains(&method) {
                StatusCode::UNAUTHORIZED
            } else {
                StatusCode::METHOD_NOT_ALLOWED
            };
            assert_eq!(status, expected, "{method} {path}");
        }
    }
}
