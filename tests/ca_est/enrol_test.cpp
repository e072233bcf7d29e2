#include "tests/ca_est/fixture.hpp"

namespace tf::ca::test {
namespace {

using crypto::PrivateKey;
using testing::HasSubstr;

std::map<std::string, std::string> headers_of(const wire::HttpResponse& response) { return {response.headers.begin(), response.headers.end()}; }

TEST_F(EstTest, tells_its_certificates_to_everybody) {
  for (const char* path : {"cacerts", "user/cacerts", "escrow/cacerts"}) {
    const wire::HttpResponse response = ask(path);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/pkcs7-mime");
    EXPECT_EQ(headers_of(response)["Content-Transfer-Encoding"], "base64");
    const auto found = certificates(response);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], *users);
    EXPECT_EQ(found[1], root.certificate);
  }
}

TEST_F(EstTest, tells_which_keys_it_takes) {
  const wire::HttpResponse response = ask("csrattrs");
  EXPECT_EQ(response.content_type, "application/csrattrs");
  const Bytes der = must(est::body_der(response.body, false));
  // SEQUENCE { SEQUENCE { id-ecPublicKey, SET { prime256v1 } }, ecdsa-with-SHA256, SEQUENCE { rsaEncryption, SET { 2048 } }, rsassaPss }
  EXPECT_EQ(wire::hex_lower(der), "303f301506072a8648ce3d0201310a06082a8648ce3d03010706082a8648ce3d040302301106092a864886f70d0101013104020208000609"
                                  "2a864886f70d01010a");
}

TEST_F(EstTest, a_code_gives_one_certificate_with_the_names_its_operator_chose) {
  const NewCode secret = code();
  const auto key = PrivateKey::generate_p256();
  const wire::HttpResponse response = ask("simpleenroll", body(key), basic(secret));
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.content_type, "application/pkcs7-mime; smime-type=certs-only");
  const auto found = certificates(response);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].common_name(), "Ada");
  EXPECT_TRUE(found[0].is_issued_by(*users));
  const Record record = must(authority->show(found[0].serial_hex()));
  EXPECT_EQ(record.holder, "person:ada");
  EXPECT_EQ(record.state, State::issued);
  EXPECT_EQ(must(authority->standing("users", found[0].serial_hex())).kind, StandingKind::good);
  EXPECT_EQ(stored(secret.name)->state, CodeState::used);

  EXPECT_EQ(ask("simpleenroll", body(PrivateKey::generate_p256()), basic(secret)).status, 403);
  // The answer was lost: the same key gets the same certificate.
  EXPECT_EQ(certificates(ask("simpleenroll", body(key), basic(secret))).at(0), found[0]);
  EXPECT_EQ(must(authority->list({.holder = "person:ada"})).size(), 1U);
  (void)must(authority->revoke(found[0].serial_hex(), pki::RevocationReason::key_compromise, "operator:test"));
  EXPECT_EQ(ask("simpleenroll", body(key), basic(secret)).status, 403);
}

TEST_F(EstTest, a_request_may_come_as_base64_with_lines_or_as_der) {
  const auto key = PrivateKey::generate_p256();
  const Bytes der = must(pki::CertificateRequest::make("Ada", key)).der();
  EXPECT_EQ(ask("simpleenroll", est::base64_lines(der), basic(code())).status, 200);
  EXPECT_EQ(ask("simpleenroll", std::string(as_text(der)), basic(code())).status, 200);
  wire::HttpRequest binary = request("simpleenroll", std::string(as_text(der)), basic(code()));
  binary.headers.emplace_back("content-transfer-encoding", "Binary");
  EXPECT_EQ(est->handle(binary).status, 200);
}

TEST_F(EstTest, names_that_nobody_approved_are_refused_and_the_code_stays_good) {
  const NewCode secret = code();
  const auto key = PrivateKey::generate_p256();
  const wire::HttpResponse refused = ask("simpleenroll", body(key, "Eve"), basic(secret));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.content_type, "text/plain");
  EXPECT_EQ(refused.body, "the request asks for commonName Eve, which nobody approved\n");
  EXPECT_EQ(ask("simpleenroll", body(key), basic(secret)).status, 200);
}

TEST_F(EstTest, what_the_authority_refuses_leaves_the_code_good) {
  const NewCode secret = code("user", false, {{{"commonName", "Ada"}, {"countryName", "CH"}}, {}});  // no country in this profile
  const wire::HttpResponse response = ask("simpleenroll", body(PrivateKey::generate_p256()), basic(secret));
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(response.body, HasSubstr("countryName"));
  EXPECT_EQ(stored(secret.name)->state, CodeState::open);
}

TEST_F(EstTest, wrong_secrets_are_401_and_five_of_them_lock_the_code) {
  const NewCode secret = code();
  const std::string request_body = body(PrivateKey::generate_p256());
  for (int i = 0; i < 5; ++i) {
    const wire::HttpResponse response = ask("simpleenroll", request_body, basic(secret.name, as_bytes("wrong")));
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(headers_of(response)["WWW-Authenticate"], "Basic realm=\"est\", charset=\"UTF-8\"");
  }
  EXPECT_EQ(ask("simpleenroll", request_body, basic(secret)).status, 401);
  EXPECT_EQ(stored(secret.name)->tries, 5);
  EXPECT_EQ(refusals, std::vector<std::string>(6, "est.credentials"));
}

TEST_F(EstTest, nobody_without_good_credentials_learns_anything) {
  const NewCode secret = code();
  const std::string good = basic(secret);
  const std::string request_body = body(PrivateKey::generate_p256());
  for (const std::string& wrong : {std::string(), std::string("Basic"), std::string("Basic !!!"), "Bearer " + good, basic("nobody", as_bytes("x")),
                                   basic("", {}), "Basic " + wire::base64(as_bytes("nocolon")), "Basic " + wire::base64(Bytes{0xff, 0xfe, ':', 0}),
                                   good.substr(0, good.size() - 4)})
    EXPECT_EQ(ask("simpleenroll", request_body, wrong).status, 401) << wrong;
  EXPECT_EQ(ask("simpleenroll", "not base64!", "Basic x").status, 401) << "credentials come first";
  clock.ahead_ms = 2 * kDayMs;
  EXPECT_EQ(ask("simpleenroll", request_body, good).status, 401) << "a code that is too old";
}

TEST_F(EstTest, what_is_no_request_is_400) {
  const NewCode secret = code();
  Bytes der = must(pki::CertificateRequest::make("Ada", PrivateKey::generate_p256())).der();
  for (const std::string& content : {std::string("not base64!"), std::string("AAAA"), std::string(9, '\x30'), wire::base64(ByteView(der).first(der.size() - 1))})
    EXPECT_EQ(ask("simpleenroll", content, basic(secret)).status, 400) << content;
  der.back() ^= 1;  // the signature is not the key's
  const wire::HttpResponse forged = ask("simpleenroll", wire::base64(der), basic(secret));
  EXPECT_TRUE(forged.status == 403 || forged.status == 400) << forged.status;
  EXPECT_EQ(stored(secret.name)->state, CodeState::open);
}

TEST_F(EstTest, other_paths_methods_and_types_are_refused) {
  for (const char* path : {"", "nothing", "nobody/cacerts", "a/b/cacerts", "user/", "fullcmc"}) EXPECT_EQ(ask(path).status, 404) << path;
  wire::HttpRequest elsewhere = request("cacerts", "");
  elsewhere.path = "/est/cacerts";
  EXPECT_EQ(est->handle(elsewhere).status, 404);
  EXPECT_EQ(headers_of(ask("cacerts", "x"))["Allow"], "GET, HEAD");
  EXPECT_EQ(ask("cacerts", "x").status, 405);
  EXPECT_EQ(ask("simpleenroll").status, 405);
  wire::HttpRequest typed = request("simpleenroll", body(PrivateKey::generate_p256()), basic(code()));
  typed.content_type = "application/x-pem";
  EXPECT_EQ(est->handle(typed).status, 415);
}

TEST_F(EstTest, a_code_is_for_its_label_alone) {
  const NewCode secret = code("badge");
  const auto key = PrivateKey::generate_p256();
  EXPECT_EQ(ask("user/simpleenroll", body(key), basic(secret)).status, 403);
  EXPECT_EQ(ask("badge/simpleenroll", body(key), basic(secret)).status, 200);
}

TEST_F(EstTest, a_request_that_has_to_be_approved_waits_and_only_that_one) {
  const NewCode secret = code("user", true);
  const auto key = PrivateKey::generate_p256();
  const auto poll = [&] { return ask("simpleenroll", body(key), basic(secret)); };
  const auto approve = [&] { return write([&](store::Session& session) { return approve_code(session, secret.name); }); };
  EXPECT_REFUSED(approve(), Code::conflict, "est.not_waiting");
  for (int i = 0; i < 2; ++i) {
    const wire::HttpResponse waits = poll();
    EXPECT_EQ(waits.status, 202);
    EXPECT_EQ(headers_of(waits)["Retry-After"], "30");
  }
  EXPECT_EQ(ask("simpleenroll", body(PrivateKey::generate_p256()), basic(secret)).status, 403);
  ASSERT_OK(approve());
  EXPECT_EQ(ask("simpleenroll", body(PrivateKey::generate_p256()), basic(secret)).status, 403);
  EXPECT_EQ(poll().status, 200);
  EXPECT_EQ(stored(secret.name)->state, CodeState::used);
}

TEST_F(EstTest, a_sealed_vault_is_503_and_the_code_stays_good) {
  const NewCode secret = code();
  const auto key = PrivateKey::generate_p256();
  vault->seal();
  const wire::HttpResponse response = ask("simpleenroll", body(key), basic(secret));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(headers_of(response)["Retry-After"], "30");
  ASSERT_OK(vault->unseal(SecretBytes(as_bytes("for tests and for nothing else"))));
  EXPECT_EQ(ask("simpleenroll", body(key), basic(secret)).status, 200);
}

TEST_F(EstTest, codes_are_listed_and_removed_and_never_told_again) {
  const NewCode one = code(), two = code("badge", true, {{{"commonName", "Ada"}}, {{pki::NameKind::email, "ada@example.org"}}});
  std::vector<EnrolmentCode> all;
  must_do(database->read([&](store::Session& session) -> Status {
    all = TF_TRY(list_codes(session));
    return {};
  }));
  ASSERT_EQ(all.size(), 2U);
  const auto& badge = all[0].name == two.name ? all[0] : all[1];
  EXPECT_TRUE(badge.approval);
  EXPECT_EQ(badge.names.alternative, (decltype(badge.names.alternative){{pki::NameKind::email, "ada@example.org"}}));
  const auto remove = [&] { return write([&](store::Session& session) { return remove_code(session, one.name); }); };
  EXPECT_OK(remove());
  EXPECT_REFUSED(remove(), Code::not_found, "est.no_such_code");
  EXPECT_EQ(ask("simpleenroll", body(PrivateKey::generate_p256()), basic(one)).status, 401);
}

}  // namespace
}  // namespace tf::ca::test
