import assert from "node:assert/strict";
import { test } from "node:test";
import { isSecretName } from "../../../src/collect/redact/secret-names.ts";

const SECRET = [
  ..."password passwd passphrase secret token apikey requirepass masterauth".split(" "),
  ..."dbpassword DB_PASSWD keyPassphrase clientsecret csrftoken myapikey".split(" "),
  ..."pass auth credential credentials salt secrets AUTH_SALT db-pass smtp.auth DB_PASS_2 userPass".split(
    " ",
  ),
  ..."old_pwd DB_PWD api_key access-key privateKey secret.key account_key AccountKey encryption_key".split(
    " ",
  ),
  ..."signing_key PresharedKey JWT_KEY license_key webhook_key DB_PW default_pw AUTH_KEY app_key master_key shared_key api_key_2".split(
    " ",
  ),
  ..."--password .password PASSWORD_ password_js status_token app.js.password".split(" "),
];
const HARMLESS = [
  ..."PWD pwd pw _pw_lib pw_x _pwd key keys sort_key ssl_certificate_key public-key key_api passage tokens secretary compass author".split(
    " ",
  ),
  ..."password_file password_files secret-path tokenDir token_name token_type token_url token_uri token_ttl".split(
    " ",
  ),
  ..."auth_timeout password_length token_size token.expiry token_expires auth_method auth-id token_count".split(
    " ",
  ),
  ..."password_policy auth_realm password_required auth.service auth.socket auth.sock token.timer auth.conf".split(
    " ",
  ),
  ..."auth.log auth_server auth-host auth_hosts auth_port auth_address auth_addr token_endpoint auth_domain".split(
    " ",
  ),
  ..."auth_user auth_username auth_plugin password_encryption token_version auth_status auth_error auth_errors".split(
    " ",
  ),
  ..."AuthFail auth_failed auth_failure auth_failures auth_attempts auth_requests tokens_total NOPASSWD".split(
    " ",
  ),
  ..."auth.js token.PY password.exp secret.c auth.exs --auth-host _".split(" "),
  "",
];

for (const name of SECRET)
  test(`what ${name} is given is secret`, () => assert.equal(isSecretName(name), true));
for (const name of HARMLESS) {
  test(`what ${name || "nothing"} is given is no secret`, () => assert.equal(isSecretName(name), false));
}
