"""A small Flask app that signs people in with Authlib, as its documentation shows it.

authlib_app.py PORT ISSUER CLIENT_ID CLIENT_SECRET
"""

import sys
import time
from urllib.parse import urlencode

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, redirect, request, session, url_for

port, issuer, client_id, client_secret = sys.argv[1:]

app = Flask(__name__)
app.secret_key = client_secret
# One host name, several apps: their cookies must not meet.
app.config["SESSION_COOKIE_NAME"] = "authlib-app"

vestibule = OAuth(app).register(
    "vestibule",
    client_id=client_id,
    client_secret=client_secret,
    server_metadata_url=f"{issuer}/.well-known/openid-configuration",
    client_kwargs={
        "scope": "openid email profile offline_access",
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": "client_secret_basic",
    },
)

# The tokens stay here: together they are too large for a cookie.
TOKENS = {}


@app.get("/")
def home():
    """Who is signed in."""
    return jsonify(session.get("claims") or {"signed_in": False})


@app.get("/sign-in")
def sign_in():
    """Off to the provider; Authlib keeps state, nonce and verifier in the session."""
    return vestibule.authorize_redirect(url_for("callback", _external=True))


@app.get("/callback")
def callback():
    """Back: Authlib checks state, `iss`, signature, `aud`, `exp` and nonce."""
    token = vestibule.authorize_access_token()
    claims = dict(token["userinfo"])
    TOKENS[claims["sub"]] = token
    session["claims"] = claims
    return redirect(url_for("home"))


@app.get("/userinfo")
def userinfo():
    """The claims as the UserInfo endpoint has them."""
    return jsonify(vestibule.userinfo(token=TOKENS[session["claims"]["sub"]]))


@app.get("/refresh")
def refresh():
    """Lets the access token be over: Authlib then refreshes it by itself before the next call."""
    token = dict(TOKENS[session["claims"]["sub"]])
    token["expires_at"] = int(time.time()) - 1
    renewed = {}
    with vestibule._get_oauth_client(**vestibule.load_server_metadata()) as client:
        client.token = token
        client.update_token = lambda token, **old: renewed.update(token)
        claims = client.get(vestibule.load_server_metadata()["userinfo_endpoint"]).json()
    return jsonify(
        sub=claims["sub"],
        new_access_token=renewed["access_token"] != token["access_token"],
        new_refresh_token=renewed["refresh_token"] != token["refresh_token"],
    )


@app.get("/sign-out")
def sign_out():
    """RP-initiated logout."""
    token = TOKENS.pop(session.pop("claims")["sub"])
    query = urlencode(
        {
            "id_token_hint": token["id_token"],
            "post_logout_redirect_uri": url_for("home", _external=True),
            "state": "bye",
        }
    )
    return redirect(f"{vestibule.load_server_metadata()['end_session_endpoint']}?{query}")


@app.get("/ready")
def ready():
    """For the suite."""
    return "ok"


@app.errorhandler(Exception)
def failed(error):
    """What Authlib refused, for the suite to read."""
    app.logger.exception("failed: %s", request.path)
    return jsonify(error=f"{type(error).__name__}: {error}"), 500


app.run(host="127.0.0.1", port=int(port))
