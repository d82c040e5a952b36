"""A SAML identity provider by pysaml2, for a partner whose people are known by their address.

saml_idp.py PORT SP_METADATA_URL WORKDIR redirect|post

The last argument is how it wants to be asked. Whoever signs in as sealed@… gets an encrypted assertion, in a message that is signed as well; everybody else one
that is signed and no more.
"""

import base64
import datetime
import functools
import pathlib
import sys
import urllib.request

import saml2.sigver
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from flask import Flask, abort, request
from markupsafe import escape
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.samlp import STATUS_AUTHN_FAILED
from saml2.server import Server

port, sp_metadata_url, workdir, binding = sys.argv[1:]
BINDING = BINDING_HTTP_POST if binding == "post" else BINDING_HTTP_REDIRECT
workdir = pathlib.Path(workdir)
origin = f"http://localhost:{port}"

# It would encrypt by 3DES; xmlsec1 below it can do better.
sigver = saml2.sigver
pre_encryption_part = functools.partial(
    sigver.pre_encryption_part, msg_enc="http://www.w3.org/2009/xmlenc11#aes256-gcm"
)
sigver.pre_encryption_part = pre_encryption_part
saml2.entity.pre_encryption_part = pre_encryption_part
encrypt_with_3des = sigver.CryptoBackendXmlSec1.encrypt_assertion
sigver.CryptoBackendXmlSec1.encrypt_assertion = (
    lambda self, statement, enc_key, template, key_type=None, node_xpath=None, node_id=None:
    encrypt_with_3des(self, statement, enc_key, template, "aes-256", node_xpath, node_id)
)


def make_key(number):
    """A key and its certificate, in files."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"contoso {number}")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    files = str(workdir / f"{number}.key"), str(workdir / f"{number}.crt")
    pem = serialization.Encoding.PEM
    pathlib.Path(files[0]).write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    pathlib.Path(files[1]).write_bytes(certificate.public_bytes(pem))
    return files


KEY_FILE, CERT_FILE = make_key(1)


def config(service_provider=None):
    """What pysaml2 wants to know; the service provider may come later."""
    settings = {
        "entityid": f"{origin}/metadata",
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "key_file": KEY_FILE,
        "cert_file": CERT_FILE,
        "service": {
            "idp": {
                "name": "Contoso",
                "endpoints": {"single_sign_on_service": [(f"{origin}/sso", BINDING)]},
                "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                "want_authn_requests_signed": True,
                "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
            }
        },
    }
    if service_provider:
        settings["metadata"] = {"inline": [service_provider]}
    return IdPConfig().load(settings)


app = Flask(__name__)


@functools.cache
def server():
    """Made when the service provider can be asked for its metadata."""
    with urllib.request.urlopen(sp_metadata_url) as answer:
        return Server(config=config(answer.read().decode()))


@app.get("/metadata")
def metadata():
    """What the service provider reads."""
    return str(entity_descriptor(config())), {"content-type": "application/samlmetadata+xml"}


def read_request():
    """The request that the browser brought, its signature checked."""
    names = ("SAMLRequest", "RelayState", "SigAlg", "Signature")
    given = {name: request.values.get(name, "") for name in names}
    signature = {}
    if BINDING == BINDING_HTTP_REDIRECT:
        signature = {"relay_state": given["RelayState"], "sigalg": given["SigAlg"], "signature": given["Signature"]}
    read = server().parse_authn_request(given["SAMLRequest"], BINDING, **signature)
    return given, read.message


@app.route("/sso", methods=["GET", "POST"])
def ask():
    """Who is it?"""
    given, message = read_request()
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in given.items())
    hint = escape(request.args.get("login_hint", ""))
    force = "You must sign in again." if message.force_authn == "true" else ""
    return f"""<!doctype html><html lang="en"><title>Contoso</title><h1>Contoso</h1><p>{force}</p>
<form method="post" action="/answer">{hidden}<label>Address <input name="login" value="{hint}"></label>
<button name="what" value="in">Sign in</button><button name="what" value="no">Cancel</button></form></html>"""


@app.post("/answer")
def answer():
    """A form that the browser posts, by itself or by its button."""
    given, message = read_request()
    args = server().response_args(message)
    destination = args["destination"]
    login = request.form["login"]
    if request.form["what"] == "no":
        response = server().create_error_response(
            message.id, destination, (STATUS_AUTHN_FAILED, "cancelled"), sign=False
        )
    else:
        local = login.split("@")[0]
        args["name_id"] = NameID(
            format=NAMEID_FORMAT_PERSISTENT,
            name_qualifier=f"{origin}/metadata",
            sp_name_qualifier=args["sp_entity_id"],
            text=base64.b32encode(login.encode()).decode(),
        )
        sealed = login.startswith("sealed@")
        response = server().create_authn_response(
            identity={"mail": [login], "displayName": [f"{local} at Contoso"]},
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": origin},
            sign_assertion=True,
            sign_response=sealed,
            encrypt_assertion=sealed,
            sign_alg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            digest_alg="http://www.w3.org/2001/04/xmlenc#sha256",
            **args,
        )
    sent = server().apply_binding(
        BINDING_HTTP_POST, str(response), destination, given["RelayState"], response=True
    )
    if sent["method"] != "POST":
        abort(500)
    return sent["data"]


app.run(port=int(port), threaded=False)
