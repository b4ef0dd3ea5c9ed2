"""The embedded authority's tokens, checked by PyJWT as a service would."""

import json
import time

import jwt
import pytest

from conftest import LOCAL_ROLES
from exec_fixtures import ALLOW_ALL
from local_authority import Authority
from provider_conformance import ProviderConformance, Subject

ROLE = 'kind = "token"\naudience = ["orders", "stock"]\nissuer = "me"\nclaims = { team = "sre" }\n'

ROLE_SUBJECT = """
[roles.subject]
provider = "local"
env = { SUBJECT_SECRET = "{token}" }
local = { kind = "token", audience = "https://service.example.com" }
"""


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "authority").export()


def key_of(jwks_text, token):
    keys = jwt.PyJWKSet.from_json(jwks_text)
    return keys[jwt.get_unverified_header(token)["kid"]].key


def decode(authority, name, **options):
    token = (authority.folder / f"{name}.token").read_text()
    key = key_of((authority.folder / "jwks.json").read_text(), token)
    return jwt.decode(token, key, algorithms=["EdDSA"], **options)


def test_a_service_accepts_the_token_for_itself_only(authority):
    authority.issue("t", ROLE, 600)
    claims = decode(authority, "t", audience="stock", issuer="me",
                    options={"require": ["exp", "iat", "nbf", "aud", "iss", "sub", "jti"]})
    assert claims["sub"] == "ana" and claims["role"] == "test" and claims["team"] == "sre"
    assert claims["reason"] == "INC-42" and claims["grant"] == "0123456789abcdef"
    assert 590 <= claims["exp"] - time.time() <= 600
    with pytest.raises(jwt.InvalidAudienceError):
        decode(authority, "t", audience="other", issuer="me")
    with pytest.raises(jwt.InvalidIssuerError):
        decode(authority, "t", audience="stock", issuer="you")


def test_a_token_ends_and_an_altered_one_never_begins(authority, tmp_path):
    authority.issue("t", ROLE, 1)
    time.sleep(2)
    with pytest.raises(jwt.ExpiredSignatureError):
        decode(authority, "t", audience="stock", issuer="me")
    authority.issue("u", ROLE, 600)
    path = authority.folder / "u.token"
    head, body, signature = path.read_text().split(".")
    claims = jwt.utils.base64url_decode(body).replace(b'"ana"', b'"eve"')
    path.write_text(".".join([head, jwt.utils.base64url_encode(claims).decode(), signature]))
    with pytest.raises(jwt.InvalidSignatureError):
        decode(authority, "u", audience="stock", issuer="me")
    stranger = Authority(tmp_path / "stranger").export()
    stranger.issue("t", ROLE, 600)
    with pytest.raises(KeyError):
        key_of((authority.folder / "jwks.json").read_text(),
               (stranger.folder / "t.token").read_text())


def test_the_denied_list_names_the_token(authority):
    authority.issue("t", ROLE, 600)
    authority.revoke("t")
    authority.export()
    denied = json.loads((authority.folder / "denied.json").read_text())
    claims = decode(authority, "t", audience="stock", issuer="me")
    assert denied["denied"] == [{"jti": claims["jti"], "exp": claims["exp"]}]
    assert denied["number"] == 1


def test_exec_hands_the_token_to_the_child(prodaccess):
    prodaccess.configure(LOCAL_ROLES).policy(ALLOW_ALL)
    token = prodaccess.run("exec", "--once", "--role", "service", "--reason", "INC-1", "--",
                           "printenv", "SERVICE_TOKEN").stdout.strip()
    jwks = prodaccess.run("local", "jwks").stdout
    claims = jwt.decode(token, key_of(jwks, token), algorithms=["EdDSA"],
                        audience="https://service.example.com", issuer="prodaccess-local")
    assert claims["role"] == "service" and claims["reason"] == "INC-1"
    # It was taken back when the command ended, and the signed list says so.
    signed = prodaccess.run("local", "denied", "--signed").stdout.strip()
    denied = jwt.decode(signed, key_of(jwks, signed), algorithms=["EdDSA"])
    assert [entry["jti"] for entry in denied["denied"]] == [claims["jti"]]


def service_accepts(prodaccess, token):
    """As a service would that asks for the denied list."""
    key = key_of(prodaccess.run("local", "jwks").stdout, token)
    denied = json.loads(prodaccess.run("local", "denied").stdout)["denied"]
    try:
        claims = jwt.decode(token, key, algorithms=["EdDSA"], audience="https://service.example.com")
    except jwt.ExpiredSignatureError:
        return False
    return claims["jti"] not in [entry["jti"] for entry in denied]


class TestConformance(ProviderConformance):
    @pytest.fixture
    def subject(self, prodaccess):
        prodaccess.configure(LOCAL_ROLES + ROLE_SUBJECT).policy(ALLOW_ALL)
        return Subject(prodaccess, alive=lambda token: service_accepts(prodaccess, token))
